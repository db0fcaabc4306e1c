import type { Condition, CtState, CtStatus } from '../../../evidence/index.ts'
import { includes, intervalSet, numberSet, sameSet } from '../../../network/index.ts'
import { all, ALWAYS, NEVER, not } from '../conditions.ts'
import { addressField, familyIs, type Field, markFacts, type NumberFacts, portFacts, protocolFacts, TRACKED } from './field.ts'

/** ip_conntrack_info: one bit of the state is set at a time. */
export const STATE_BITS: Readonly<Record<CtState, number>> = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 }

const CT_STATE: NumberFacts = {
  largest: 0xffff_ffff,
  names: STATE_BITS,
  make(mask, values) {
    const states = (Object.keys(STATE_BITS) as CtState[]).filter((state) => includes(values, STATE_BITS[state] & mask))
    return { kind: 'ct-state', states }
  },
}

/** nf_conntrack_common.h, enum ip_conntrack_status. */
export const STATUS_BITS: Readonly<Record<CtStatus, number>> = {
  expected: 1,
  'seen-reply': 2,
  assured: 4,
  confirmed: 8,
  snat: 16,
  dnat: 32,
  dying: 512,
}

/** Of a status with many bits only "one of these is set" and "none of these is set" can be asked for. */
const CT_STATUS: NumberFacts = {
  requires: TRACKED,
  largest: 0xffff_ffff,
  names: STATUS_BITS,
  make(mask, values) {
    const statuses = (Object.keys(STATUS_BITS) as CtStatus[]).filter((status) => (STATUS_BITS[status] & mask) !== 0)
    const bits = statuses.reduce((sum, status) => sum | STATUS_BITS[status], 0)
    if (bits !== mask) return undefined
    const some: Condition = { kind: 'ct-status', statuses }
    if (sameSet(values, numberSet(0))) return not(some)
    const one = statuses.length === 1 && sameSet(values, numberSet(mask))
    return one || sameSet(values, intervalSet([{ first: 1, last: 0xffff_ffff }])) ? some : undefined
  },
}

/** As `ct original` and `ct reply` name them: the reply goes from where the packet goes now to where it came from. */
export function ctField(key: string | undefined, direction: string | undefined): Field | NumberFacts | undefined {
  const reply = direction === 'reply'
  switch (key) {
    case 'state':
      return CT_STATE
    case 'status':
      return CT_STATUS
    case 'mark':
      return markFacts('connection')
    case 'direction':
      return {
        requires: TRACKED,
        largest: 1,
        names: { original: 0, reply: 1 },
        make: (mask, values) => (includes(values, 0 & mask) ? ALWAYS : NEVER),
      }
    case 'protocol':
      return protocolFacts(TRACKED)
    case 'ip saddr':
    case 'ip daddr':
    case 'ip6 saddr':
    case 'ip6 daddr': {
      const family = key.startsWith('ip6') ? 6 : 4
      const sender = key.endsWith('saddr') !== reply
      return addressField(
        reply ? (sender ? 'source' : 'destination') : sender ? 'original-source' : 'original-destination',
        family,
        all(familyIs(family), TRACKED),
      )
    }
    case 'proto-src':
      return portFacts(reply ? 'destination-port' : 'original-source-port', TRACKED)
    case 'proto-dst':
      return portFacts(reply ? 'source-port' : 'original-destination-port', TRACKED)
    default:
      return undefined
  }
}
