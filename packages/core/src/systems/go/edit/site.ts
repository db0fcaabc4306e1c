import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import type { Node } from '../../tree.ts'
import type { GoFile } from '../file.ts'
import { GO_FRAMEWORKS } from '../frameworks.ts'
import { argumentsOf, pointee } from '../syntax.ts'
import { addressesOf, fieldOf, literalsIn, rowOf, valuesOf } from './address.ts'
import type { Imports } from './imports.ts'
import { hostSetting, joinHost, replaceText } from './join.ts'
import { localFor } from './variables.ts'

/** A call whose address names no host, or every one: the texts that say so are changed where they stand. */
export function giveHost(change: BindChange, call: Node, file: GoFile, imports: Imports, draft: Draft): void {
  const row = rowOf(change.framework, call, file)
  if (row === undefined) return draft.refuse(`where ${change.framework} is given its address is not known here`)
  const addresses = addressesOf(call, row, file)
  if (addresses.length === 0) {
    if (row.address === 0 && row.optional === true && argumentsOf(call).length === 0) return withPort(change, call, file, imports, draft)
    return draft.refuse('the address is put together elsewhere: give it a host there')
  }
  for (const address of addresses) if (!sockets(address, change, file, imports, draft)) texts(address, change, file, imports, draft)
}

function texts(address: Node, change: BindChange, file: GoFile, imports: Imports, draft: Draft): void {
  const found = literalsIn(address, file)
  if (found.length === 0) return draft.refuse('the address is put together elsewhere: give it a host there')
  // Where something else is asked first, what is written is what remains.
  const isAlone = change.given.kind === 'absent' && found.length === 1
  for (const one of found) {
    if (isAlone) joinHost(one, change, file, imports, draft)
    else replaceText(one, change, draft)
  }
}

/** `&net.UDPAddr{Port: 9000}`: its address is a field that is left out. */
function sockets(address: Node, change: BindChange, file: GoFile, imports: Imports, draft: Draft): boolean {
  const [literal] = valuesOf(address, file, 0).map(pointee)
  if (literal?.kind !== 'composite_literal') return false
  const port = fieldOf(literal, 'Port')
  const body = literal.named.at(-1)
  const [first] = body?.named ?? []
  const there = fieldOf(literal, 'IP')
  const net = imports.use('net')
  const host = net === undefined || port === undefined ? undefined : localFor(hostSetting(change), file, literal, imports, draft)
  if (net === undefined || host === undefined || body === undefined || first === undefined) {
    draft.refuse('the address is put together elsewhere: give it an IP there')
    return true
  }
  const text = `${net}.ParseIP(${host})`
  if (there === undefined) draft.insert(first, first.start, `IP: ${text}, `)
  else draft.replace(there, text)
  return true
}

/** `r.Run()`: the port is that of a variable which the framework reads itself. */
function withPort(change: BindChange, call: Node, file: GoFile, imports: Imports, draft: Draft): void {
  const framework = GO_FRAMEWORKS.find(({ id }) => id === change.framework)
  const list = call.field('arguments')
  const net = imports.use('net')
  const host = localFor(hostSetting(change), file, call, imports, draft)
  const port = localFor(
    { variable: framework?.portVariable ?? 'PORT', fallback: String(framework?.defaultPort ?? 8080), names: ['port', 'listenPort'] },
    file,
    call,
    imports,
    draft,
  )
  if (list === undefined || net === undefined || host === undefined || port === undefined)
    return draft.refuse('there is no place before the call where the host could be read from the environment')
  draft.insert(list, list.start + 1, `${net}.JoinHostPort(${host}, ${port})`)
}
