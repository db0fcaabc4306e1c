import type { Condition, CtState, CtStatus } from '../../../evidence/index.ts'
import { protocolNumber } from '../protocols.ts'
import { numberSet } from '../../../network/index.ts'
import { all, ALWAYS, any, NEVER, not } from '../conditions.ts'
import type { Arities, Use } from './options.ts'
import { readAddresses, readPorts, readWords, type ValueContext } from './values.ts'

const STATES: Readonly<Record<string, CtState>> = {
  NEW: 'new',
  ESTABLISHED: 'established',
  RELATED: 'related',
  INVALID: 'invalid',
  UNTRACKED: 'untracked',
}

/** Not states, but asked together with them. */
const STATE_STATUSES: Readonly<Record<string, CtStatus>> = { SNAT: 'snat', DNAT: 'dnat' }

const STATUSES: Readonly<Record<string, CtStatus>> = {
  EXPECTED: 'expected',
  SEEN_REPLY: 'seen-reply',
  ASSURED: 'assured',
  CONFIRMED: 'confirmed',
}

function readStates(text: string): Condition | undefined {
  const words = text.split(',').map((word) => word.toUpperCase())
  const isStatus = (word: string): boolean => Object.hasOwn(STATE_STATUSES, word)
  const plain = words.filter((word) => !isStatus(word))
  const states = plain.length === 0 ? [] : readWords(plain.join(','), STATES)
  if (states === undefined) return undefined
  const statuses = words.filter(isStatus).map((word) => STATE_STATUSES[word] as CtStatus)
  return any(
    ...(states.length === 0 ? [] : [{ kind: 'ct-state', states } as const]),
    ...(statuses.length === 0 ? [] : [{ kind: 'ct-status', statuses } as const]),
  )
}

type Reader = (text: string, context: ValueContext) => Condition | undefined

function addresses(kind: 'source' | 'destination' | 'original-source' | 'original-destination'): Reader {
  return (text, { family }) => {
    const set = readAddresses(text, family)
    return set === undefined ? undefined : { kind, addresses: set }
  }
}

function ports(kind: 'source-port' | 'destination-port' | 'original-source-port' | 'original-destination-port'): Reader {
  return (text) => {
    const set = readPorts(text)
    return set === undefined ? undefined : { kind, ports: set }
  }
}

/** The reply is expected from where the packet goes now, to where it comes from now. */
const OPTIONS: Readonly<Record<string, Reader>> = {
  '--ctproto': (text) => {
    const number = protocolNumber(text)
    return number === undefined ? undefined : { kind: 'protocol', protocols: numberSet(number) }
  },
  '--ctorigsrc': addresses('original-source'),
  '--ctorigdst': addresses('original-destination'),
  '--ctreplsrc': addresses('destination'),
  '--ctrepldst': addresses('source'),
  '--ctorigsrcport': ports('original-source-port'),
  '--ctorigdstport': ports('original-destination-port'),
  '--ctreplsrcport': ports('destination-port'),
  '--ctrepldstport': ports('source-port'),
  '--ctstatus': (text) => {
    const statuses = text.toUpperCase() === 'NONE' ? [] : readWords(text, STATUSES)
    return statuses === undefined ? undefined : { kind: 'ct-status', statuses }
  },
  '--ctexpire': () => undefined,
  '--ctdir': (text) => (text.toUpperCase() === 'ORIGINAL' ? ALWAYS : text.toUpperCase() === 'REPLY' ? NEVER : undefined),
}

interface ConntrackModule {
  readonly arities: Arities
  read(uses: readonly Use[], context: ValueContext): Condition | undefined
}

/** Without an entry in the connection table only the state is asked (conntrack_mt in xt_conntrack.c). */
export const readConntrack: ConntrackModule = {
  arities: { '--ctstate': 1, ...Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, 1])) },
  read(uses, context) {
    const states: Condition[] = []
    const others: Condition[] = []
    for (const { name, values, negated } of uses) {
      const text = values[0] ?? ''
      const condition = name === '--ctstate' ? readStates(text) : OPTIONS[name]?.(text, context)
      if (condition === undefined) return undefined
      const list = name === '--ctstate' ? states : others
      list.push(negated ? not(condition) : condition)
    }
    if (others.length === 0) return all(...states)
    const tracked: Condition = { kind: 'tracked' }
    return states.length === 0 ? all(tracked, ...others) : all(...states, any(not(tracked), all(...others)))
  },
}

export const readState: ConntrackModule = {
  arities: { '--state': 1 },
  read(uses) {
    const conditions: Condition[] = []
    for (const { values, negated } of uses) {
      const states = readWords(values[0] ?? '', STATES)
      if (states === undefined) return undefined
      const condition: Condition = { kind: 'ct-state', states }
      conditions.push(negated ? not(condition) : condition)
    }
    return all(...conditions)
  },
}
