import { type Hook, show } from '../../evidence/index.ts'
import type { Family } from '../../network/index.ts'
import { runBaseChain } from './chain.ts'
import { boundFlows, type Flow, mergeFlows } from './flow.ts'
import type { Outcomes } from './outcomes.ts'
import type { AttachedChain, Program } from './program.ts'
import type { Tracking } from './state.ts'
import type { NetfilterHost } from './types.ts'

/** Where the kernel's own hooks stand among the chains (netfilter_ipv4.h, netfilter_ipv6.h). Every nat chain is asked at the second number, whatever its own. */
const TRACKER = -200
const NAT: Readonly<Partial<Record<Hook, number>>> = { prerouting: -100, output: -100, input: 100, postrouting: 100 }

/** Packets of one class on their way through the packet filter of one namespace. */
export interface Walk {
  readonly family: Family
  readonly program: Program
  readonly host: NetfilterHost
  readonly outcomes: Outcomes
}

/** What of a hook is otherwise for packets of the namespace's own. */
export interface OwnHook {
  /** Whether the nat chains were asked on the way out: a connection is translated once (nf_nat_inet_fn in nf_nat_core.c, nf_nat_initialized). */
  readonly settled?: boolean
  /** Where a flow goes after a chain that may have changed its destination, or also its mark, and has the kernel route it again. */
  readonly rerouted?: (before: Flow, after: Flow, by: 'destination' | 'destination or mark') => readonly Flow[]
}

/** The chains of the device itself, and those of devices that the packets may have passed before: below it, or not named (nft before 1.0.7 leaves it out). */
export function runAtDevice(walk: Walk, hook: 'ingress' | 'egress', entering: readonly Flow[], name: string): readonly Flow[] {
  let flows = entering
  for (const attached of walk.program.atDevices(hook)) {
    const { base, table, chain } = attached
    const surely = base.devices?.includes(name) === true
    const lower = walk.host.lowerDevices?.(name) ?? []
    if (!surely && base.devices !== undefined && !base.devices.some((device) => lower.includes(device))) continue
    if (flows.length === 0) break
    if (surely) flows = runOne(walk, hook, attached, flows)
    else {
      const where = base.devices === undefined ? 'a device that is not named' : base.devices.join(', ')
      const text = show(`chain ${chain.name} of ${table.name} stands at the ${hook} of ${where}, by which they may ${PASS[hook]}`)
      for (const flow of flows) walk.outcomes.uncertain({ text }, flow.possible)
      flows = boundFlows(mergeFlows([...flows, ...runOne(walk, hook, attached, flows)]))
    }
  }
  return flows
}

const PASS = { ingress: 'have come', egress: 'go' } as const

/** Sends the flows through every base chain of the hook. */
export function runHook(walk: Walk, hook: Hook, entering: readonly Flow[], own: OwnHook = {}): readonly Flow[] {
  const chains = walk.program.chains(walk.family, hook)
  const filters = chains.filter(({ base }) => base.type !== 'nat')
  const nat = own.settled === true ? [] : chains.filter(({ base }) => base.type === 'nat')
  const natAt = NAT[hook]
  let flows = boundFlows(entering)
  let translated = natAt === undefined || nat.length === 0
  for (const attached of filters) {
    if (!translated && natAt !== undefined && attached.base.priority >= natAt) {
      flows = runNat(walk, hook, nat, tracked(hook, flows, 'tracked'), own)
      translated = true
    }
    if (flows.length === 0) break
    flows = runFilter(walk, hook, attached, tracked(hook, flows, trackingAt(attached.base.priority)), own)
  }
  flows = tracked(hook, flows, 'tracked')
  return translated ? flows : runNat(walk, hook, nat, flows, own)
}

/** A chain of the type `route`, as iptables' mangle OUTPUT is one, has the kernel route again what it changed (ipt_mangle_out in iptable_mangle.c, nf_route_table_hook4 in nft_chain_route.c). */
function runFilter(walk: Walk, hook: Hook, attached: AttachedChain, flows: readonly Flow[], { rerouted }: OwnHook): readonly Flow[] {
  if (rerouted === undefined || attached.base.type !== 'route') return runOne(walk, hook, attached, flows)
  const after = flows.flatMap((flow) => runOne(walk, hook, attached, [flow]).flatMap((one) => rerouted(flow, one, 'destination or mark')))
  return boundFlows(mergeFlows(after))
}

function runOne({ host, outcomes }: Walk, hook: Hook, attached: AttachedChain, flows: readonly Flow[]): readonly Flow[] {
  return runBaseChain({ attached, hook, host, outcomes, accepted: [] }, flows)
}

function trackingAt(priority: number): Tracking {
  return priority < TRACKER ? 'before' : priority === TRACKER ? 'unclear' : 'tracked'
}

/** What the connection tracker has made of the packets by now. It stands where they begin, in PREROUTING or OUTPUT; what a rule exempted stays exempt. */
function tracked(hook: Hook, flows: readonly Flow[], tracking: Tracking): readonly Flow[] {
  if (hook !== 'prerouting' && hook !== 'output') return flows
  return flows.map((flow) => {
    const now = flow.state.tracking
    return now === tracking || now === 'untracked' || now === 'tracked' ? flow : { ...flow, state: { ...flow.state, tracking } }
  })
}

/** The nat chains of a hook, until one of them has translated (nf_nat_inet_fn in nf_nat_core.c). Untracked packets are never translated. */
function runNat(
  walk: Walk,
  hook: Hook,
  chains: readonly AttachedChain[],
  entering: readonly Flow[],
  { rerouted }: OwnHook,
): readonly Flow[] {
  const done: Flow[] = entering.filter(({ state }) => state.tracking !== 'tracked')
  let flows = entering.filter(({ state }) => state.tracking === 'tracked')
  for (const attached of chains) {
    const passed = flows.flatMap((flow) =>
      runOne(walk, hook, attached, [flow]).map((after) => ({ before: flow, after, translated: isTranslated(flow, after) })),
    )
    for (const { before, after, translated } of passed) if (translated) done.push(...(rerouted?.(before, after, 'destination') ?? [after]))
    flows = passed.filter(({ translated }) => !translated).map(({ after }) => after)
  }
  return [...done, ...flows]
}

/** By a rule of this chain, be it to what it was before. */
function isTranslated(before: Flow, after: Flow): boolean {
  for (let at = after.trail; at !== undefined && at !== before.trail; at = at.before) {
    if ((at.step.kind === 'translate' && at.step.stateless !== true) || (at.step.kind === 'rule' && at.step.effect === 'translate-source'))
      return true
  }
  return false
}
