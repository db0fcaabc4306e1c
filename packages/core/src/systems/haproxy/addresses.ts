import type { FileOrigin, Value } from '../../evidence/index.ts'
import { portNumber } from '../proxy-values.ts'
import { type Given, hasEnvironment, masked, toValue } from './values.ts'

/** An address as HAProxy takes it (src/tools.c, `str2sa_range`), not yet that of a socket or a server. */
export type HaproxyAddress =
  | {
      readonly kind: 'inet'
      /** Without brackets; empty or `*`: every one. */
      readonly host: string
      readonly family: 4 | 6 | undefined
      readonly port: PortText
      readonly datagram: boolean
    }
  | { readonly kind: 'unix'; readonly path: string }
  /** A descriptor that the parent handed down, a pair of sockets, a name in the abstract namespace. */
  | { readonly kind: 'other'; readonly what: string }

/** `absent`: none is given. `offset`: the client's port, so much up or down. */
type PortText =
  | { readonly kind: 'absent' }
  | { readonly kind: 'known'; readonly first: number; readonly last: number }
  | { readonly kind: 'offset' }
  | { readonly kind: 'open'; readonly value: Value }

const PREFIX =
  /^(ipv4|ipv6|tcp|tcp4|tcp6|mptcp|mptcp4|mptcp6|udp|udp4|udp6|quic|quic4|quic6|stream\+ip|stream\+ipv4|stream\+ipv6|unix|uxst|abns|abnsz|fd|sockpair|rhttp|dgram\+[a-z0-9]+|stream\+[a-z0-9]+)@/

/** `undefined`: HAProxy does not take it. */
export function haproxyAddress(text: string, origin: FileOrigin, given: Given): HaproxyAddress | undefined {
  const prefix = PREFIX.exec(text)
  const kind = prefix?.[1] ?? ''
  const rest = text.slice(prefix?.[0].length ?? 0)
  if (/^(?:unix|uxst)$/.test(kind)) return rest === '' ? undefined : { kind: 'unix', path: rest }
  if (/^(?:abnsz?|fd|sockpair|rhttp)$/.test(kind)) return { kind: 'other', what: `${kind}@` }
  if (prefix === null && rest.startsWith('/')) return { kind: 'unix', path: rest }
  const mask = masked(rest)
  const parts = /^(\[[^\]]*\])(?::(.*))?$/s.exec(mask) ?? /^([^]*):([^:]*)$/.exec(mask)
  const length = parts?.[1]?.length ?? rest.length
  const host = rest.slice(0, length).replace(/^\[(.*)\]$/s, '$1')
  const port = parts?.[2] === undefined ? undefined : rest.slice(rest.length - parts[2].length)
  const found = portOf(port, origin, given)
  if (found === undefined) return undefined
  const family = kind.endsWith('4') ? 4 : kind.endsWith('6') ? 6 : undefined
  return { kind: 'inet', host, family, port: found, datagram: /^(?:udp|quic|dgram)/.test(kind) }
}

function portOf(text: string | undefined, origin: FileOrigin, given: Given): PortText | undefined {
  // Port 0 of a server is the one at which the client came.
  if (text === undefined || text === '' || text === '0') return { kind: 'absent' }
  if (/^[+-][0-9]+$/.test(text)) return { kind: 'offset' }
  if (hasEnvironment(text)) return { kind: 'open', value: toValue(text, origin, given, portNumber) }
  const [, from = '', to] = /^([0-9]+)(?:-([0-9]+))?$/.exec(text) ?? []
  const first = portNumber(from)
  const last = to === undefined ? first : portNumber(to)
  return first === undefined || last === undefined || last < first ? undefined : { kind: 'known', first, last }
}
