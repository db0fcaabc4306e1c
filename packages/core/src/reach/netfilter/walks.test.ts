import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { address, HERE, PORTS, rulesets, SOURCE_PORTS, SOURCES, THERE } from '../../../test/netfilter/random.ts'
import type { Action, Chain, Expression, RuleOrigin, Ruleset } from '../../evidence/index.ts'
import { type Address, addressSet, addressSetOf, portSet, sourceSet, unionOf } from '../../network/index.ts'
import { destinationClasses } from './destinations.ts'
import { type NetfilterHost, walkInbound, walkOutbound, Walks } from './index.ts'
import { portClasses } from './ports.ts'

/** Beside those that rules name or write. */
const ALSO_HERE: readonly Address[] = ['198.51.100.7', '198.51.100.8', '10.1.2.3', '10.1.2.4'].map(address)
const OWN = [...HERE, ...ALSO_HERE]
const isOwn = (destination: Address): boolean => OWN.some((here) => here.value === destination.value)

const host: NetfilterHost = {
  localAddresses: unionOf([addressSet('127.0.0.0/8'), addressSetOf(...OWN)]),
  deviceAddress: () => HERE[0],
  deviceAddresses: () => addressSetOf(HERE[0] as Address),
  route: ({ destination }) => (isOwn(destination) ? { kind: 'local' } : { kind: 'forward', device: 'docker0' }),
  takes: ({ destination }) => isOwn(destination),
}

const sources = sourceSet(addressSetOf(...SOURCES), portSet(...SOURCE_PORTS))
const packets = fc.record({
  inbound: fc.constantFrom('eth0', 'eth1'),
  family: fc.constant(4 as const),
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  destination: fc.constantFrom(...HERE, THERE[0] as Address),
  sources: fc.constant(sources),
})

/** Ports that rules name, and others beside them. */
const ASKED: readonly number[] = [...PORTS, 23, 81, 443, 1023, 1024, 8079, 8081, 9000, 9001, 9002, 65535]

const origin = {} as RuleOrigin

function ruleset(...rules: readonly (readonly Expression[])[]): Ruleset {
  const chain = {
    name: 'c',
    base: { hook: 'prerouting', type: 'nat', priority: -100, policy: 'accept' },
    rules: rules.map((expressions) => ({ expressions, origin })),
  } as const
  return { tool: 'nft', unread: [], tables: [{ family: 'ip', name: 't', dormant: false, chains: new Map([['c', chain]]) }] }
}

/** What stood in PREROUTING stands in OUTPUT. */
function outwards(chain: Chain): Chain {
  return chain.base?.hook === 'prerouting' ? { ...chain, base: { ...chain.base, hook: 'output' } } : chain
}

const asks = (ports: ReturnType<typeof portSet>): Expression => ({ kind: 'match', when: { kind: 'destination-port', ports } })
const toPorts = (first: number, last: number, base?: number): Action => ({
  kind: 'dnat',
  to: { ports: { first, last }, ...(base === undefined ? {} : { base }) },
})

describe('one walk for many addresses', () => {
  it('gives for each the outcomes of its own', () => {
    const asked = [...OWN, ...THERE]
    fc.assert(
      fc.property(rulesets('destinations'), packets, fc.shuffledSubarray(asked, { minLength: 6 }), (rules, packet, destinations) => {
        const walks = new Walks(rules, host)
        for (const port of [80, 9000])
          for (const destination of destinations)
            expect(walks.inbound({ ...packet, destination, port })).toEqual(walkInbound(rules, { ...packet, destination, port }, host))
      }),
      { numRuns: 300 },
    )
  })

  const [first, second] = ALSO_HERE as readonly [Address, Address]
  const toAddress = (one: Address): Action => ({ kind: 'dnat', to: { addresses: { first: one, last: one } } })
  it.each([
    ['its port alone is translated', [[toPorts(9001, 9001)]]],
    ['its port is translated to one of many', [[toPorts(9001, 9999)]]],
    ['another is translated to one of them', [[asks(portSet(80)), toAddress(first)]]],
    ['the last bits of it are kept', [[{ kind: 'dnat', to: { addresses: { first: second, last: second }, prefixLength: 24 } }]]],
    ['packets go to the address of the device', [[{ kind: 'redirect' }]]],
    ['one is asked for', [[{ kind: 'match', when: { kind: 'destination', addresses: addressSetOf(second) } }, { kind: 'drop' }]]],
    [
      'those of the device are asked for',
      [[{ kind: 'match', when: { kind: 'address-type', of: 'destination', types: ['local'], device: 'inbound' } }, { kind: 'drop' }]],
    ],
  ] as const)('is one of its own where %s', (_title, rules) => {
    const filters = [ruleset(...rules)]
    const walks = new Walks(filters, host)
    const packet = { inbound: 'eth0', family: 4, protocol: 'tcp', port: 80, sources } as const
    for (const destination of OWN)
      expect(walks.inbound({ ...packet, destination })).toEqual(walkInbound(filters, { ...packet, destination }, host))
  })

  it('is one for those of this host that no rule names, and none for others', () => {
    const { of } = destinationClasses([ruleset([asks(portSet(80)), toAddress(first)])], host)
    const names = [...OWN, ...THERE].map((destination) => of(destination, 'eth0', 'tcp'))
    expect(new Set(names).size).toBe(2 + THERE.length)
  })
})

describe('one walk for many ports', () => {
  it('gives for each the outcomes of its own', () => {
    fc.assert(
      fc.property(rulesets('destinations'), packets, fc.shuffledSubarray([...ASKED], { minLength: 8 }), (rules, packet, ports) => {
        const walks = new Walks(rules, host)
        for (const port of ports) expect(walks.inbound({ ...packet, port })).toEqual(walkInbound(rules, { ...packet, port }, host))
      }),
      { numRuns: 300 },
    )
  })

  it('gives for each the outcomes of its own, of what this host itself sends', () => {
    const own: NetfilterHost = { ...host, routeOwn: (packet) => host.route({ ...packet, inbound: 'lo' }) }
    const out = (one: Ruleset): Ruleset => ({
      ...one,
      tables: one.tables.map((table) => ({ ...table, chains: new Map([...table.chains].map(([name, chain]) => [name, outwards(chain)])) })),
    })
    fc.assert(
      fc.property(rulesets('destinations'), packets, fc.shuffledSubarray([...ASKED], { minLength: 8 }), (rules, packet, ports) => {
        const turned = rules.map(out)
        const walks = new Walks(turned, own)
        for (const port of ports) expect(walks.outbound({ ...packet, port })).toEqual(walkOutbound(turned, { ...packet, port }, own))
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['to one of them', [[asks(portSet([9000, 9002])), toPorts(9001, 9001)]]],
    ['to a range that has some of them', [[toPorts(9000, 9001)]]],
    ['each to another', [[asks(portSet([9000, 9002])), toPorts(80, 82, 9000)]]],
    ['of whatever is left', [[asks(portSet(9001)), { kind: 'accept' }], [{ kind: 'redirect', ports: { first: 9002, last: 9002 } }]]],
  ] as const)('a translation %s', (_title, rules) => {
    const filters = [ruleset(...rules)]
    const walks = new Walks(filters, host)
    const packet = { inbound: 'eth0', family: 4, protocol: 'tcp', destination: address('192.0.2.1'), sources } as const
    for (const port of ASKED) expect(walks.inbound({ ...packet, port })).toEqual(walkInbound(filters, { ...packet, port }, host))
  })

  it('is one where no rule tells ports apart, and as many as rules do', () => {
    const names = (of: (port: number) => number): number => new Set(ASKED.map(of)).size
    expect(names(portClasses([]).of)).toBe(1)
    expect(names(portClasses([ruleset([asks(portSet(22))], [asks(portSet([0, 1023]))])]).of)).toBe(3)
    expect(names(portClasses([ruleset([toPorts(80, 82, 9000)])]).of)).toBe(ASKED.length)
  })
})
