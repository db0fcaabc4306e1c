import { ABSENT, type PassScheme, type ProxyListener, type ProxyTarget, type Value } from '../../evidence/index.ts'
import { haproxyAddress } from './addresses.ts'
import type { HaproxyGaps } from './gaps.ts'
import { type Line, originOf, wordOrigin } from './parse.ts'
import { type Given, toValue } from './values.ts'

/** What the servers of a section are, for one who comes in at these sockets. */
export interface Servers {
  readonly targets: readonly ProxyTarget[]
  readonly tls: boolean
}

export function serversOf(lines: readonly Line[], listeners: readonly ProxyListener[], given: Given, gaps: HaproxyGaps): Servers {
  const all = lines.filter(({ keyword }) => keyword === 'server' || keyword === 'server-template' || keyword === 'dispatch')
  const usual = new Set(lines.filter(({ keyword }) => keyword === 'default-server').flatMap((line) => line.words.map(({ text }) => text)))
  const targets = all.flatMap((line): readonly ProxyTarget[] => {
    const target = targetOf(line, usual, listeners, given)
    if (target === undefined) gaps.at(line, 'this is no address of a server that HAProxy takes')
    return target === undefined ? [] : [target]
  })
  const tls = all.length > 0 && all.every((line) => usual.has('ssl') || line.words.some(({ text }) => text === 'ssl'))
  return { targets, tls }
}

function targetOf(line: Line, usual: ReadonlySet<string>, listeners: readonly ProxyListener[], given: Given): ProxyTarget | undefined {
  // `server NAME ADDRESS`, `server-template PREFIX COUNT ADDRESS`, `dispatch ADDRESS`.
  const at = line.keyword === 'server' ? 1 : line.keyword === 'dispatch' ? 0 : 2
  const word = line.words[at]
  if (word === undefined) return undefined
  const origin = wordOrigin(line, word)
  const options = new Set([...usual, ...line.words.slice(at + 1).map(({ text }) => text)])
  const flags = { backup: options.has('backup'), down: options.has('disabled') && !options.has('enabled'), origin }
  const address = haproxyAddress(word.text, origin, given)
  if (address === undefined) return undefined
  if (address.kind === 'unix') return { kind: 'unix', path: address.path, ...flags }
  if (address.kind === 'other') return { kind: 'unix', path: word.text, ...flags }
  const { host, port } = address
  const number = portOf(port, listeners, originOf(line))
  // Where the client wanted to go: with a transparent socket in front, anywhere.
  if (host === '*' || host === '0.0.0.0' || host === '::' || host === '')
    return { kind: 'unknown', reason: 'the destination of the client’s own connection is the server', clientChosen: true, origin }
  return { kind: 'inet', host: toValue(host, origin, given), port: number, ...flags }
}

/** Without one it is the port at which the client came. */
function portOf(
  port: Extract<ReturnType<typeof haproxyAddress>, { readonly kind: 'inet' }>['port'],
  listeners: readonly ProxyListener[],
  origin: ReturnType<typeof originOf>,
): Value {
  if (port.kind === 'known') return { kind: 'known', value: port.first, origin }
  if (port.kind === 'open') return port.value
  const ports = new Set(
    listeners.flatMap(({ at }) => (at.kind === 'inet' || at.kind === 'name' ? [`${at.ports.first}-${at.ports.last}`] : ['open'])),
  )
  const [only] = ports
  const [first, last] = only?.split('-').map(Number) ?? []
  if (port.kind === 'absent' && ports.size === 1 && first !== undefined && first === last) return { kind: 'known', value: first, origin }
  return ports.size === 0 ? ABSENT : { kind: 'unknown', reason: 'the port at which the client came decides', origin }
}

export function schemeOf(mode: string, tls: boolean, fastcgi: boolean): PassScheme {
  if (mode !== 'http') return tls ? 'tls' : 'tcp'
  return fastcgi ? 'fastcgi' : tls ? 'https' : 'http'
}
