import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import type { Node } from '../../tree.ts'

/** What a message is written with. */
const WRITES = /(?:^|\.)(?:print|info|warning|debug|log|echo|write|success)$/
/** How many statements before the one that binds are looked at. */
const NEAR = 3

const EVERYWHERE = String.raw`(?:localhost|0\.0\.0\.0|127\.0\.0\.1|\[::1?\])`
const SAYS = new RegExp(String.raw`0\.0\.0\.0|://${EVERYWHERE}:|\b(?:on|at)( the)? port:? ?`, 'i')

/** The statements right before one that write a message about where it listens. */
export function messagesBefore(statement: Node): readonly Node[] {
  const siblings = statement.parent?.named ?? []
  const at = siblings.indexOf(statement)
  const near = siblings.slice(Math.max(0, at - NEAR), at)
  const first = near.findIndex((sibling) => textOf(sibling) !== undefined)
  return first < 0 ? [] : near.slice(first).filter((sibling) => textOf(sibling) !== undefined)
}

/** The text of `print("… 0.0.0.0 …")`, where it says an address. */
function textOf(statement: Node): Node | undefined {
  const call = statement.kind === 'expression_statement' ? statement.named[0] : undefined
  if (call?.kind !== 'call' || !WRITES.test(call.field('function')?.content ?? '')) return undefined
  const text = call.field('arguments')?.named[0]
  return text?.kind === 'string' && SAYS.test(text.content) && /^f?["'](?!["'])/i.test(text.content) ? text : undefined
}

/** Messages before a server starts that say another address than it will have. */
export function correctMessages(
  statement: Node,
  { framework }: BindChange,
  given: { readonly host: string; readonly port?: string },
  port: Node | undefined,
  draft: Draft,
): void {
  const scheme = framework === 'websockets' ? 'ws://' : /^(?:socket|asyncio|grpc|pyzmq)/.test(framework) ? '' : 'http://'
  const number = port?.kind === 'integer' ? port.content : undefined
  const name = given.port ?? (port?.kind === 'identifier' ? port.content : undefined)
  for (const message of messagesBefore(statement)) {
    const text = textOf(message)
    if (text === undefined || (text.content.includes('{') && !/^f/i.test(text.content))) continue
    const address = `{${given.host}}`
    let said = text.content.replace(new RegExp(`(://)${EVERYWHERE}(?=:)`, 'g'), (_, before: string) => before + address)
    said = said.replace(/\b0\.0\.0\.0\b/g, () => address)
    const shown = number ?? (name === undefined ? undefined : String.raw`\{${name}\}`)
    if (shown !== undefined && !said.includes(address))
      said = said.replace(
        new RegExp(String.raw`\b(on|at)( the)? port:? ?(?=${shown}(?!\d))`, 'gi'),
        (_, word: string) => `${word} ${scheme}${address}:`,
      )
    if (number !== undefined && given.port !== undefined) said = said.replace(`${address}:${number}`, `${address}:{${given.port}}`)
    if (said === text.content) continue
    draft.replace(text, /^f/i.test(said) ? said : `f${said}`)
  }
}
