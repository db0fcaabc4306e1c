import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { rulesets } from '../../../test/netfilter/printed.ts'
import { goldenFile } from '../../../test/reader.ts'
import {
  type Address,
  addressSet,
  addressSetOf,
  type AddressSet,
  difference,
  FAMILY_ADDRESSES,
  formatAddress,
  formatAddressSet,
  hasAddress,
  INTERNET,
  intersection,
  isEmpty,
  LOOPBACK,
  parseAddress,
  parseRange,
  PRIVATE,
  rangeSet,
  sameAddress,
  sourceAddresses,
  sourceSet,
  union,
  unionOf,
} from '../../network/index.ts'
import { readIptablesSave } from '../../systems/netfilter/index.ts'
import { type NetfilterHost, type Outcome, type OwnPackets, type Reason, type Step, walkInbound, walkOutbound } from './index.ts'

const folder = fileURLToPath(new URL('golden/', import.meta.url))

function lines(text: string | undefined): readonly (readonly string[])[] {
  return (text ?? '').split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim().split(/\s+/)]))
}

function address(text: string | undefined): Address {
  const found = parseAddress(text ?? '')
  if (found === undefined) throw new RangeError(text)
  return found
}

/** `address ADDRESS DEVICE`, `route PREFIX DEVICE`, `route_localnet DEVICE`, `mark MARK DEVICE`. */
function host(text: string | undefined): NetfilterHost {
  const stated = lines(text)
  const own = stated.filter(([kind]) => kind === 'address').map(([, one, device = '']) => ({ address: address(one), device }))
  const routes = stated.flatMap(([kind, prefix = '', device = '']) => {
    const range = kind === 'route' ? parseRange(prefix) : undefined
    return range === undefined ? [] : [{ device, addresses: rangeSet([range]) }]
  })
  return {
    localAddresses: union(LOOPBACK, addressSetOf(...own.map((one) => one.address))),
    route({ destination, inbound }) {
      if (inbound !== 'lo' && hasAddress(LOOPBACK, destination)) return { kind: 'discard', reason: 'a martian' as never }
      if (own.some((one) => one.address.family === destination.family && one.address.value === destination.value)) return { kind: 'local' }
      const route = routes.find(({ addresses }) => hasAddress(addresses, destination))
      return route === undefined ? { kind: 'local' } : { kind: 'forward', device: route.device }
    },
    routeOwn({ destination, family, mark }) {
      const marked = stated.find(([kind, value]) => kind === 'mark' && Number(value) === mark)
      if (marked !== undefined) return { kind: 'forward', device: marked[2] ?? '' }
      if (hasAddress(LOOPBACK, destination) || own.some((one) => sameAddress(one.address, destination))) return { kind: 'local' }
      const route = routes.find(({ addresses }) => hasAddress(addresses, destination))
      if (route === undefined) return { kind: 'discard', reason: 'no route' as never }
      const localnet = stated.some(([kind, device]) => kind === 'route_localnet' && device === route.device)
      return { kind: 'forward', device: route.device, ...(family === 6 || localnet ? {} : { martians: LOOPBACK }) }
    },
    deviceAddress: (device, family) => own.find((one) => one.device === device && one.address.family === family)?.address,
    deviceAddresses: (device) => addressSetOf(...own.filter((one) => one.device === device).map((one) => one.address)),
  }
}

const ASKED = unionOf([INTERNET, PRIVATE])

/** The shorter of what is in the set and what of the asked is not. */
function sources(set: AddressSet, asked: AddressSet): string {
  const missing = difference(asked, set)
  if (isEmpty(missing)) return 'anywhere'
  const [inside, outside] = [formatAddressSet(set), formatAddressSet(missing)]
  return inside.length <= outside.length ? inside.join(', ') : `anywhere but ${outside.join(', ')}`
}

function step(one: Step): string {
  switch (one.kind) {
    case 'rule':
      return `${one.effect}: ${one.origin.table} ${one.origin.chain} ${one.origin.index}: ${one.origin.text}`
    case 'translate':
      return `to ${formatAddress(one.address)} ${one.port}: ${one.origin.table} ${one.origin.chain} ${one.origin.index}: ${one.origin.text}`
    case 'policy':
      return `${one.policy}: policy of ${one.table} ${one.chain}`
    case 'route':
      return `routed: ${one.to} ${one.device ?? one.reason ?? ''}`.trim()
    default:
      return one.kind
  }
}

function reasons(title: string, list: readonly Reason[]): readonly string[] {
  return list.map(
    ({ text, origin }) => `    ${title} ${text}${origin === undefined ? '' : ` (${origin.table} ${origin.chain} ${origin.index})`}`,
  )
}

/** Base chains that let everything pass are on every way; they are left out here. */
function matters(one: Step): boolean {
  return one.kind !== 'policy' || one.policy === 'drop'
}

function told(outcome: Outcome, asked: AddressSet): readonly string[] {
  const { verdict, certainty, destination, device, sourceTranslation } = outcome
  const to = `${formatAddress(destination.address)} ${destination.port}`
  const where = verdict === 'delivered' ? ` ${to}` : verdict === 'forwarded' ? ` ${to} by ${device}` : ''
  return [
    `  ${certainty === 'maybe' ? 'maybe ' : ''}${verdict}${where}${sourceTranslation === undefined ? '' : `, ${sourceTranslation.kind}`} from ${sources(sourceAddresses(outcome.sources), asked)}`,
    ...outcome.trail.filter(matters).map((one) => `    ${step(one)}`),
    ...reasons('because', outcome.reasons),
    ...reasons('assuming', outcome.assumes),
  ]
}

/** Packets as `DEVICE PROTOCOL ADDRESS PORT`; the device `own` for what the namespace sends itself. */
function verdicts(files: ReadonlyMap<string, string>): string {
  const filters = rulesets(files)
  const facts = host(files.get('host'))
  return lines(files.get('packets'))
    .flatMap(([inbound = '', protocol, to, port]) => {
      const destination = address(to)
      const own = hasAddress(LOOPBACK, destination) ? facts.localAddresses : difference(facts.localAddresses, LOOPBACK)
      const senders = inbound === 'own' ? own : ASKED
      const asked = intersection(senders, FAMILY_ADDRESSES[destination.family])
      const packet: OwnPackets = {
        family: destination.family,
        protocol: protocol === 'udp' ? 'udp' : 'tcp',
        destination,
        port: Number(port),
        sources: sourceSet(asked),
      }
      const outcomes = inbound === 'own' ? walkOutbound(filters, packet, facts) : walkInbound(filters, { ...packet, inbound }, facts)
      return [`${inbound} ${protocol} ${to} ${port}`, ...outcomes.flatMap((outcome) => told(outcome, asked))]
    })
    .join('\n')
}

describe('verdicts on rules that real tools printed', async () => {
  for (const name of readdirSync(folder)) {
    for (const { title, expected, actual } of await goldenFile(folder + name, async (files) => verdicts(files))) {
      it(`${name}: ${title}`, () => expect(actual).toBe(expected))
    }
  }
})

describe('what cannot be read', () => {
  const packet = { inbound: 'eth0', family: 4, protocol: 'tcp', destination: address('198.51.100.10'), port: 80 } as const
  const facts = host('address 198.51.100.10 eth0')

  it('C4 · leaves every verdict of its family open, and says why', () => {
    const cut = readIptablesSave('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 192.0.2.', { family: 4, backend: 'legacy' })
    const outcomes = walkInbound([cut.ruleset], { ...packet, sources: sourceSet(addressSet('203.0.113.0/24')) }, facts)
    expect(outcomes.map(({ verdict, certainty }) => [verdict, certainty])).toEqual([
      ['undecided', 'maybe'],
      ['delivered', 'maybe'],
    ])
    expect(outcomes[0]?.reasons[0]?.text).toContain('COMMIT')
  })

  it('C4 · leaves the other family alone', () => {
    const cut = readIptablesSave('*filter\n:INPUT DROP [0:0]\n', { family: 6, backend: 'legacy' })
    const outcomes = walkInbound([cut.ruleset], { ...packet, sources: sourceSet(addressSet('203.0.113.0/24')) }, facts)
    expect(outcomes.map(({ verdict, certainty }) => [verdict, certainty])).toEqual([['delivered', 'sure']])
  })
})
