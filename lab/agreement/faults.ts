/** A mistake that somebody could make: in a file below packages/core/src, a text that stands there once, and what stands in its place. */
export interface Fault {
  readonly what: string
  readonly file: string
  readonly text: string
  readonly replacement: string
}

function fault(file: string, what: string, text: string, replacement: string): Fault {
  return { what, file, text, replacement }
}

const CHAIN = 'reach/netfilter/chain.ts'
const CONDITION = 'reach/netfilter/condition.ts'
const WALK = 'reach/netfilter/walk.ts'
const HOOKS = 'reach/netfilter/hooks.ts'
const ROUTED = 'reach/netfilter/routed.ts'
const TRANSLATE = 'reach/netfilter/translate.ts'
const PROGRAM = 'reach/netfilter/program.ts'
const MARK = 'reach/netfilter/mark.ts'
const SYSTEM = 'systems/netfilter'

export const FAULTS: readonly Fault[] = [
  fault(CHAIN, 'a policy of drop is ignored', `if (base.policy === 'accept') run.accepted`, `if (base.policy !== undefined) run.accepted`),
  fault(CHAIN, 'return goes on', `at.returned.push(flow)\n      return []`, `return [flow]`),
  fault(CHAIN, 'accept does not end the chain', `run.accepted.push(decided(at, flow, 'accept'))\n      return []`, `return [flow]`),
  fault(CHAIN, 'drop does not end anything', `run.outcomes.add('dropped', decided(at, flow, 'drop'))\n      return []`, `return [flow]`),
  fault(CHAIN, 'accept ends everything', `run.accepted.push(decided(at, flow, 'accept'))`, `run.outcomes.add('delivered', flow)`),
  fault(CHAIN, 'reject is told as drop', `run.outcomes.add('rejected', decided`, `run.outcomes.add('dropped', decided`),
  fault(CHAIN, 'goto comes back', `at.returned.push(...call(at, action.chain, flow))`, `at.passing.push(...call(at, action.chain, flow))`),
  fault(CHAIN, 'what a jump returns is lost', `at.passing.push(...call(at, action.chain, flow))`, `call(at, action.chain, flow)`),
  fault(CHAIN, 'what no branch takes is lost', `at.passing.push(...flows)\n  return remaining`, `return remaining`),
  fault(
    CHAIN,
    'the rule ends after a map',
    `remaining.push(...runExpressions(at, then, one))`,
    `at.passing.push(...runExpressions(at, then, one))`,
  ),
  fault(CHAIN, 'a match that fails is not forgotten', `at.passing.push(...fails)`, `remaining.push(...fails)`),
  fault(CHAIN, 'notrack does nothing', `{ ...flow.state, tracking: 'untracked' }`, `{ ...flow.state, tracking: 'tracked' }`),
  fault(
    CHAIN,
    'notrack of what is tracked',
    `if (flow.state.tracking !== 'before' && flow.state.tracking !== 'unclear') return [flow]`,
    '',
  ),
  fault(
    CONDITION,
    'any is asked as all',
    `region = either(region, regionOf(member, state, host))`,
    `region = both(region, regionOf(member, state, host))`,
  ),
  fault(
    CONDITION,
    'a negation is lost',
    `return opposite(regionOf(condition.of, state, host))`,
    `return regionOf(condition.of, state, host)`,
  ),
  fault(CONDITION, 'families are mixed up', `always(condition.families.includes(state.family))`, `always(true)`),
  fault(
    CONDITION,
    'the first destination for the present one',
    `hasAddress(condition.addresses, state.destination)`,
    `hasAddress(condition.addresses, state.originalDestination)`,
  ),
  fault(
    CONDITION,
    'the present destination for the first one',
    `hasAddress(condition.addresses, state.originalDestination)`,
    `hasAddress(condition.addresses, state.destination)`,
  ),
  fault(
    CONDITION,
    'the present port for the first one',
    `includes(condition.ports, state.originalPort)`,
    `includes(condition.ports, state.port)`,
  ),
  fault(
    CONDITION,
    'the first port for the present one',
    `includes(condition.ports, state.port)`,
    `includes(condition.ports, state.originalPort)`,
  ),
  fault(
    CONDITION,
    'devices in and out are swapped',
    `condition.of === 'inbound' ? state.inbound : state.outbound, name`,
    `condition.of === 'inbound' ? state.outbound : state.inbound, name`,
  ),
  fault(CONDITION, 'a wildcard is taken as a name', `return prefix ? device.startsWith(name) : device === name`, `return device === name`),
  fault(CONDITION, 'a mask of marks is forgotten', `(mark & condition.mask) >>> 0`, `mark`),
  fault(
    CONDITION,
    'the mark of the connection is not asked',
    `condition.of === 'packet' ? state.packetMark : state.connectionMark`,
    `state.packetMark`,
  ),
  fault(
    CONDITION,
    'before the tracker packets are new',
    `case 'before':\n      return always(states.includes('invalid'))`,
    `case 'before':\n      return always(states.includes('new'))`,
  ),
  fault(CONDITION, 'untracked packets are new', `return always(states.includes('untracked'))`, `return always(states.includes('new'))`),
  fault(CONDITION, 'status dnat of every packet', `statuses.includes('dnat') && state.destinationTranslated`, `statuses.includes('dnat')`),
  fault(CONDITION, 'entries of the tracker that are not there', `return tracking === 'tracked' ? region : NOWHERE`, `return region`),
  fault(CONDITION, 'flags without their mask', `(SYN | bits) & mask`, `SYN | bits`),
  fault(CONDITION, 'the type of frame is turned round', `return always(types.includes('host'))`, `return always(!types.includes('host'))`),
  fault(
    CONDITION,
    'own addresses are unicast too',
    `unionOf([local, broadcast, MULTICAST, UNSPECIFIED])`,
    `unionOf([broadcast, MULTICAST, UNSPECIFIED])`,
  ),
  fault(
    CONDITION,
    'types of the source for those of the destination',
    `if (condition.of === 'destination') return atAddress`,
    `if (condition.of === 'source') return atAddress`,
  ),
  fault(MARK, 'the mask is turned round', `masked(old, ~clear)`, `masked(old, clear)`),
  fault(
    MARK,
    'marks of a connection that is not there',
    `if (touchesConnection && (state.tracking === 'before' || state.tracking === 'untracked')) return state`,
    '',
  ),
  fault(PROGRAM, 'priorities run backwards', `a.base.priority - b.base.priority`, `b.base.priority - a.base.priority`),
  fault(PROGRAM, 'inet tables see no IPv6', `6: ['ip6', 'inet']`, `6: ['ip6']`),
  fault(PROGRAM, 'tables of IPv6 see IPv4', `4: ['ip', 'inet']`, `4: ['ip', 'ip6', 'inet']`),
  fault(HOOKS, 'destinations are translated after the filter', `prerouting: -100`, `prerouting: 1000`),
  fault(HOOKS, 'the tracker comes first', `const TRACKER = -200`, `const TRACKER = -1000`),
  fault(HOOKS, 'sources are translated first', `postrouting: 100`, `postrouting: -1000`),
  fault(
    WALK,
    'POSTROUTING is left out',
    `runHook(walk, 'postrouting', runHook(walk, 'forward', leaving))`,
    `runHook(walk, 'forward', leaving)`,
  ),
  fault(WALK, 'INPUT is left out', `runHook(walk, 'input', local)`, `local`),
  fault(WALK, 'INPUT stands before what is forwarded too', `runHook(walk, 'forward', leaving)`, `runHook(walk, 'input', leaving)`),
  fault(
    WALK,
    'OUTPUT is left out',
    `runHook(walk, 'output', routeOwn(walk, entering), { rerouted: rerouting(walk) })`,
    `routeOwn(walk, entering)`,
  ),
  fault(WALK, 'own packets are not routed again', `passed.map(leaveOutput)`, `passed`),
  fault(WALK, 'INPUT is left out of what comes back by lo', `runHook(walk, 'input', entered, settled)`, `entered`),
  fault(WALK, 'PREROUTING is left out of what comes back by lo', `runAtDevice(walk, 'ingress', back, LOOP), settled)`, `[], settled)`),
  fault(HOOKS, 'nat is asked again of what comes back by lo', `own.settled === true ? [] : chains`, `chains`),
  fault(
    HOOKS,
    'the tracker stands in PREROUTING alone',
    `if (hook !== 'prerouting' && hook !== 'output') return flows`,
    `if (hook !== 'prerouting') return flows`,
  ),
  fault(ROUTED, 'OUTPUT sees the device of the new route', `which === 'own again' ? { ...flow.state, rerouted: way } :`, ''),
  fault(CONDITION, 'own packets are of no process', `return always(state.inbound === '')`, `return NOWHERE`),
  fault(
    TRANSLATE,
    'own packets are redirected to another device than lo',
    `if (run.hook === 'output') return`,
    `if (run.hook === 'input') return`,
  ),
  fault('reach/netfilter-host.ts', 'loopback addresses leave', `? { martians: LOOPBACK } : {}`, `? {} : {}`),
  fault(HOOKS, 'several rules translate one packet', `passed.filter(({ translated }) => !translated)`, `passed.filter(() => true)`),
  fault(HOOKS, 'untracked packets are translated', `entering.filter(({ state }) => state.tracking !== 'tracked')`, `[]`),
  fault(
    TRANSLATE,
    'a translated port is forgotten',
    `destination: address, port, destinationTranslated`,
    `destination: address, destinationTranslated`,
  ),
  fault(TRANSLATE, 'a network mapped to its first address', `(first.value & ~host) | (current.value & host)`, `first.value`),
  fault(TRANSLATE, 'REDIRECT keeps the address', `[address]\n}`, `[state.destination]\n}`),
  fault(
    'reach/netfilter/source.ts',
    'sources as they were before translation',
    `now === undefined ? ANYWHERE : among(rangeSet([now]), addresses)`,
    `exactly(sourceSet(addresses))`,
  ),
  fault(
    'reach/netfilter/relevant.ts',
    'rules of the protocol are left out',
    `protocols.some((set) => !includes(set, protocol))`,
    `protocols.some((set) => includes(set, protocol))`,
  ),
  fault(
    `${SYSTEM}/iptables/values.ts`,
    'a range of ports is its first',
    'const last = ends.length === 1 ? first',
    'const last = ends.length > 0 ? first',
  ),
  fault(`${SYSTEM}/iptables/rule.ts`, 'a negation of addresses is lost', `use.negated ? not(condition) : condition`, `condition`),
  fault(
    `${SYSTEM}/iptables/matches.ts`,
    'a negation of a match is lost',
    `else conditions.push(negated ? not(condition) : condition)`,
    `else conditions.push(condition)`,
  ),
  fault(
    `${SYSTEM}/iptables/matches.ts`,
    'a negation of a set is lost',
    `conditions.push(negated ? not(member) : member)`,
    `conditions.push(member)`,
  ),
  fault(`${SYSTEM}/iptables/addrtype.ts`, 'types of IPv6 as those of IPv4', `family === 4 ? ofRoutes`, `family > 0 ? ofRoutes`),
  fault(
    `${SYSTEM}/iptables/conntrack.ts`,
    'what is not tracked has no state',
    `any(not(tracked), all(...others))`,
    `all(tracked, ...others)`,
  ),
  fault(
    `${SYSTEM}/iptables/targets.ts`,
    'goto is read as jump',
    `if (goto) return [{ kind: 'goto', chain: name }]`,
    `if (goto) return [{ kind: 'jump', chain: name }]`,
  ),
  fault(`${SYSTEM}/iptables/targets.ts`, 'marks are added up', `clear: xset.mask, toggle: xset.value`, `clear: 0, toggle: xset.value`),
  fault(`${SYSTEM}/iptables/chains.ts`, 'mangle runs after the filter', `priority: -150`, `priority: 150`),
  fault(`${SYSTEM}/iptables/save.ts`, 'a policy is not read', `found[2] === 'DROP' ? 'drop' : 'accept'`, `'accept'`),
  fault(
    `${SYSTEM}/ipset.ts`,
    'exceptions of a set are members',
    `one.nomatch ? difference(result, one.addresses)`,
    `one.nomatch ? union(result, one.addresses)`,
  ),
  fault(
    `${SYSTEM}/ipset.ts`,
    'directions of a set are swapped',
    `const source = direction === 'src'`,
    `const source = direction !== 'src'`,
  ),
  fault(
    `${SYSTEM}/join.ts`,
    'the legacy tables are left out',
    `if (backend === 'legacy') rulesets.push(reading.ruleset)`,
    `if (backend === 'legacy') continue`,
  ),
  fault(`${SYSTEM}/nft/match.ts`, 'a negation is lost', `among === undefined || operator === '==' ? among : not(among)`, `among`),
  fault(
    `${SYSTEM}/nft/match.ts`,
    'parts of a tuple are asked apart',
    `alternatives.push(all(...conditions))`,
    `alternatives.push(any(...conditions))`,
  ),
  fault(`${SYSTEM}/nft/match.ts`, 'up and down are swapped', `operator.startsWith('>')`, `operator.startsWith('<')`),
  fault(
    `${SYSTEM}/nft/match.ts`,
    'what catches the rest comes first',
    `[...result, { when: all(...requires), value: rest }]`,
    `[{ when: all(...requires), value: rest }, ...result]`,
  ),
  fault(`${SYSTEM}/nft/field.ts`, 'the edge of a range', `equal ? limit.first : up ? limit.first + 1 : limit.first - 1`, `limit.first`),
  fault(
    `${SYSTEM}/nft/values.ts`,
    'prefixes are too short',
    `return prefixRange(address, length)`,
    `return prefixRange(address, Math.max(0, length - 8))`,
  ),
  fault(
    `${SYSTEM}/nft/values.ts`,
    'a wildcard is read as a name',
    `{ name: name.slice(0, -1), prefix: true }`,
    `{ name: name.slice(0, -1), prefix: false }`,
  ),
  fault(
    `${SYSTEM}/nft/connection.ts`,
    'sender and receiver of answers are swapped',
    `key.endsWith('saddr') !== reply`,
    `key.endsWith('saddr')`,
  ),
  fault(
    `${SYSTEM}/nft/statements.ts`,
    'continue is read as accept',
    `case 'continue':\n      return body === null ? [] : undefined`,
    `case 'continue':\n      return [{ kind: 'accept' }]`,
  ),
  fault(
    `${SYSTEM}/nft/translation.ts`,
    'the port of a map is forgotten',
    `constant(parts[0], parts[1], families, netmap)`,
    `constant(parts[0], undefined, families, netmap)`,
  ),
  fault(`${SYSTEM}/nft/mangle.ts`, 'a mark is turned, not set', `clear: EVERY_BIT, toggle: ((base`, `clear: 0, toggle: ((base`),
  fault(
    `${SYSTEM}/nft/mangle.ts`,
    'ports are rewritten of every protocol',
    'return isAlways(requires) ? [action] : [match(requires), action]',
    'return [action]',
  ),
]
