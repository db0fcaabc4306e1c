import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import type { Node } from '../../tree.ts'
import { CONFIGURATION_ROWS } from '../frameworks/index.ts'
import type { Module } from '../source/module.ts'
import { fromEnvironment } from './constant.ts'
import { addMember, memberNamed } from './objects.ts'
import type { Style } from './style.ts'

/** The default export of a file that a program reads is given a host, beside the port that stands there. */
export function configureHost(change: BindChange, at: Node, module: Module, style: Style, draft: Draft): void {
  const row = CONFIGURATION_ROWS.find(({ id, file }) => id === change.framework && file.test(module.path))
  if (row === undefined) return draft.refuse('the call that binds is not found where it was')
  const object = objectAround(at) ?? onlyObject(at, row.inside)
  if (object === undefined) return draft.refuse('the options are made elsewhere: give them a host there')
  const host = row.host ?? 'host'
  const value = row.id === 'bun' ? fromEnvironment(change, style) : style.text(change.host)
  const member = memberNamed(object, host)
  const there = member?.field('value')
  if (member === undefined) addMember(object, host, value, row.port ?? 'port', draft)
  else if (there === undefined) draft.refuse(`what \`${host}\` holds is decided elsewhere`)
  else draft.replace(there, /^(?:undefined|null|''|"")$/.test(there.content) ? value : `${there.content} || ${value}`)
}

/** The object that holds the member which is the place. */
const objectAround = (at: Node): Node | undefined => (at.parent?.kind === 'object' ? at.parent : undefined)

/** The object literal in an export that `inside` leads to. */
function onlyObject(at: Node, inside: readonly string[]): Node | undefined {
  const open = [at]
  for (let left = 400; left > 0; left--) {
    const node = open.shift()
    if (node === undefined) return undefined
    if (node.kind === 'object') {
      let object: Node | undefined = node
      for (const name of inside) {
        const value: Node | undefined = object === undefined ? undefined : memberNamed(object, name)?.field('value')
        object = value?.kind === 'object' ? value : undefined
      }
      if (object !== undefined) return object
    }
    open.push(...node.named)
  }
  return undefined
}
