import type { BindChange, FileOrigin, Value } from '../../evidence/index.ts'
import type { Editable } from '../edit.ts'

/** One thing that has to be written otherwise before a host is what it is to be. */
export type Wanted =
  /** A host that is written there. */
  | { readonly kind: 'literal'; readonly value: string | number | boolean; readonly before: Before; readonly at: FileOrigin }
  /** A variable is read, and nothing stands in for it where it is not set. */
  | { readonly kind: 'unset'; readonly variable: string; readonly at: FileOrigin }
  /** No host is given, or none under some condition: the framework decides. */
  | { readonly kind: 'nothing' }

/** What is asked before a written host is taken: a variable or an argument; a condition, which nobody can set; or nothing. */
type Before = 'setting' | 'condition' | 'nothing'

export type Plan = { readonly kind: 'wanted'; readonly wanted: readonly Wanted[] } | { readonly kind: 'refused'; readonly why: string }

/** Hosts that nobody but the machine itself reaches (RFC 1122 3.2.1.3, RFC 4291 2.5.3, RFC 6761 6.3). */
const LOOPBACK = /^(?:localhost\.?|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i

export const isLoopback = (value: string | number | boolean): boolean => typeof value === 'string' && LOOPBACK.test(value)

/** RFC 5771, RFC 4291 2.7. */
const MULTICAST = /^(?:22[4-9]|23\d)\.\d|^\[?ff[\da-f]{2}:/i

/** What has to be changed of `given` for it to come to `host` or to loopback, unless the environment says otherwise. */
export function planOf(given: Value, host: string): Plan {
  const wanted: Wanted[] = []
  const reasons: string[] = []
  const look = (value: Value, before: Before): void => {
    switch (value.kind) {
      case 'known':
        if (MULTICAST.test(String(value.value))) reasons.push('it binds the address of a multicast group')
        // Of a host of this machine alone all that is wanted is that the environment may say another.
        if (before === 'nothing' || (value.value !== host && !isLoopback(value.value)))
          wanted.push({ kind: 'literal', value: value.value, before, at: value.origin })
        return
      case 'absent':
        wanted.push({ kind: 'nothing' })
        return
      case 'environment':
        if (value.whenSet !== undefined) look(value.whenSet, 'setting')
        if (value.fallback.kind === 'absent') wanted.push({ kind: 'unset', variable: value.name, at: value.origin })
        else look(value.fallback, 'setting')
        return
      case 'argument':
        look(value.fallback, 'setting')
        return
      case 'choice':
        for (const option of value.options) look(option, before === 'nothing' ? 'condition' : before)
        return
      case 'joined':
        reasons.push('the host is put together from several parts')
        return
      case 'unknown':
        reasons.push(`the host is not known: ${value.reason}`)
        return
      default:
        return value satisfies never
    }
  }
  look(given, 'nothing')
  const [why] = reasons
  return why === undefined ? { kind: 'wanted', wanted } : { kind: 'refused', why }
}

/** A host that is safe as it is stays what it is without the environment: `localhost`. */
export function keepingLoopback(change: BindChange): BindChange {
  const { given } = change
  return given.kind === 'known' && isLoopback(given.value) ? { ...change, host: String(given.value) } : change
}

/** What joins a group, or sends to all: of that a socket with one address receives nothing (ip(7), udp(7)). */
const GROUPS = /addMembership|setBroadcast|ADD_MEMBERSHIP|JOIN_GROUP|JoinGroup|ListenMulticastUDP|SO_BROADCAST|allow_broadcast/

/** Why a socket of datagrams cannot be told from one that needs every address. `undefined`: nothing of its file speaks against it. */
export function whyEvery({ protocol, at }: BindChange, files: Editable): string | undefined {
  const state = protocol === 'udp' ? files.file(at.path) : undefined
  return state?.kind === 'text' && GROUPS.test(state.text)
    ? 'its file takes part in multicast or broadcast, of which a socket with one address receives nothing'
    : undefined
}

/** What changes beyond the host. */
export const BEYOND: Readonly<Record<BindChange['protocol'], readonly string[]>> = {
  tcp: [],
  udp: ['a socket with one address receives no broadcast and no multicast'],
}

/** Whoever reaches these reaches the inside of the program: a variable that is meant for its service does not open them. */
const DEBUGGERS: ReadonlySet<string> = new Set(['node-inspector', 'debugpy', 'net/http/pprof'])

export const isDebugger = ({ framework }: BindChange): boolean => DEBUGGERS.has(framework)

/** What a change leaves as it was: the code binds the host, and the environment has no say. */
export const notRead = (change: BindChange): string =>
  isDebugger(change)
    ? `this opens the inside of the program, and ${change.variable} of the environment is not read for this host`
    : `${change.variable} of the environment is not read for this host, before or after`
