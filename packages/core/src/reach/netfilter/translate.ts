import { type Action, show, type Translation } from '../../evidence/index.ts'
import { type Address, addressSetOf, ALL_ADDRESSES, ALL_PORTS, BITS, portSet, rangeSet, sameAddress } from '../../network/index.ts'
import { decided, type RuleRun } from './chain.ts'
import { type Flow, withStep } from './flow.ts'
import type { Elsewhere, SourceTranslation } from './types.ts'

/** As many addresses × ports as are followed one by one when the kernel may choose among several. */
const MOST_CHOICES = 16

/** A translation ends its chain and lets the packet through (nf_nat_setup_info). */
export function translateDestination(at: RuleRun, action: Extract<Action, { kind: 'dnat' | 'redirect' }>, flow: Flow): void {
  const { run, rule } = at
  const { state } = flow
  const range = action.kind === 'dnat' ? action.to.addresses : undefined
  const addresses = action.kind === 'dnat' ? choices(action.to, state.destination) : redirected(at, flow)
  const to: Translation = action.kind === 'dnat' ? action.to : action.ports === undefined ? {} : { ports: action.ports }
  const ports = portChoices(to, state.port)
  if (addresses === undefined || ports === undefined || addresses.length * ports.length > MOST_CHOICES) {
    const elsewhere: Elsewhere = {
      addresses: range !== undefined ? rangeSet([range]) : addresses === undefined ? ALL_ADDRESSES : addressSetOf(...addresses),
      ports: to.ports === undefined ? portSet(state.port) : portSet([to.ports.first, to.ports.last]),
    }
    const text = show('translated to one of many destinations')
    run.outcomes.undecided(decided(at, { ...flow, state: { ...state, elsewhere } }, 'unknown'), { text, origin: rule.origin })
    return
  }
  if (addresses.length * ports.length > 1) {
    run.outcomes.uncertain({ text: show('the kernel chooses among several destinations'), origin: rule.origin }, flow.possible)
  }
  const jumped = decided(at, flow, 'accept').trail?.before
  for (const address of addresses) {
    for (const port of ports) {
      const translated = state.destinationTranslated || port !== state.port || !sameAddress(address, state.destination)
      run.accepted.push({
        state: { ...state, destination: address, port, destinationTranslated: translated },
        possible: flow.possible,
        trail: { step: { kind: 'translate', hook: run.hook, origin: rule.origin, address, port }, before: jumped },
      })
    }
  }
}

/** `undefined`: too many, or not known. */
function choices({ addresses, prefixLength }: Translation, current: Address): readonly Address[] | undefined {
  if (addresses === undefined) return [current]
  const { first, last } = addresses
  if (prefixLength !== undefined) {
    const host = (1n << BigInt(BITS[first.family] - prefixLength)) - 1n
    return [{ family: first.family, value: (first.value & ~host) | (current.value & host) }]
  }
  if (last.value - first.value >= BigInt(MOST_CHOICES)) return undefined
  return Array.from({ length: Number(last.value - first.value) + 1 }, (_, index) => ({
    family: first.family,
    value: first.value + BigInt(index),
  }))
}

function redirected({ run }: RuleRun, { state }: Flow): readonly Address[] | undefined {
  if (run.hook === 'output') return [{ family: state.family, value: state.family === 4 ? 0x7f00_0001n : 1n }]
  const address = run.host.deviceAddress?.(state.inbound, state.family)
  return address === undefined ? undefined : [address]
}

function portChoices({ ports, base }: Translation, current: number): readonly number[] | undefined {
  if (ports === undefined) return [current]
  if (base !== undefined) {
    const port = ports.first + (current - base)
    return port >= ports.first && port <= ports.last ? [port] : undefined
  }
  // A port that is already in the range is kept (get_unique_tuple in nf_nat_core.c).
  if (current >= ports.first && current <= ports.last) return [current]
  if (ports.last - ports.first >= MOST_CHOICES) return undefined
  return Array.from({ length: ports.last - ports.first + 1 }, (_, index) => ports.first + index)
}

export function translateSource(at: RuleRun, action: Extract<Action, { kind: 'snat' | 'masquerade' }>, flow: Flow): void {
  const masquerade = action.kind === 'masquerade'
  const ports = masquerade ? action.ports : action.to.ports
  const sourceTranslation: SourceTranslation = {
    ...(masquerade ? { kind: 'masquerade', device: flow.state.outbound } : { kind: 'snat', addresses: action.to.addresses }),
    ...(ports === undefined ? {} : { ports }),
  }
  at.run.accepted.push(decided(at, { ...flow, state: { ...flow.state, sourceTranslation } }, 'translate-source'))
}

/** It may have got any destination there is. */
export function anywhere(flow: Flow): Flow {
  return { ...flow, state: { ...flow.state, elsewhere: { addresses: ALL_ADDRESSES, ports: ALL_PORTS } } }
}

/** The packet is another from here on; what the connection tracker has seen of it stays as it was. */
export function rewrite(at: RuleRun, { text, to }: Extract<Action, { kind: 'rewrite' }>, flow: Flow): readonly Flow[] {
  const { state } = flow
  const reason = { text, origin: at.rule.origin }
  const written = decided(at, flow, 'unknown')
  if (to.part !== 'destination') at.run.outcomes.undecided(to.part === 'unknown' ? anywhere(written) : written, reason)
  // Whether the tracker has seen the packet decides what later rules hear of its first destination.
  else if (state.tracking === 'unclear') at.run.outcomes.undecided(anywhere(written), reason)
  if (to.part !== 'destination' || state.tracking === 'unclear') return []
  const { address = state.destination, port = state.port } = to
  const original = state.tracking === 'before' ? { originalDestination: address, originalPort: port } : {}
  return [
    withStep(
      { ...flow, state: { ...state, destination: address, port, ...original } },
      { kind: 'translate', hook: at.run.hook, origin: at.rule.origin, address, port, stateless: true },
    ),
  ]
}
