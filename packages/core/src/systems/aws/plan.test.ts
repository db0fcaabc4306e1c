import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Address, hasAddress, includes, parseAddress } from '../../network/index.ts'
import { parsePolicy } from '../../policy/index.ts'
import { readSecurityGroups, type SeenRule } from './describe.ts'
import { awsModel } from './index.ts'
import { isWithin, type LetIn, seenMeaning, wantedMeaning } from './meaning.ts'
import { planOf } from './plan.ts'

const RUNS = Number(process.env['SALLYPORT_FUZZ'] ?? 300)

const TEXT = `version: 1
sources: { admin: 203.0.113.7, office: [198.51.100.0/24, "2001:db8::/32"] }
hosts:
  api: { aws: { securityGroup: api } }
  voice: { aws: { securityGroup: voice } }
services:
  ssh: { host: [api, voice], port: 22, from: [admin, office] }
  https: { host: api, port: [80, 443], from: internet }
  sip: { host: voice, port: 5060, protocol: [tcp, udp], from: internet }
  esl: { host: voice, port: 8000-8021, from: api }
`
const { policy } = parsePolicy({ files: new Map([['sallyport.yaml', TEXT]]), globs: new Map(), entry: 'sallyport.yaml' })
const made = policy === undefined ? undefined : awsModel(policy, {})
if (made?.kind !== 'model') throw new Error('the policy has no model')
const { model } = made

const IDS = { api: 'sg-0aaa11112222bbbb3', voice: 'sg-0ccc11112222dddd3' } as const
const idOf = (name: string): string => IDS[name as keyof typeof IDS]

const sources = fc.oneof(
  fc
    .constantFrom('0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '203.0.113.7/32', '203.0.113.8/32', '198.51.100.0/25', '198.51.0.0/16')
    .map((CidrIp) => ({
      IpRanges: [{ CidrIp, Description: 'of the owner' }],
    })),
  fc.constantFrom('::/0', '2000::/3', '2001:db8::/32', '2001:db8::/31').map((CidrIpv6) => ({ Ipv6Ranges: [{ CidrIpv6 }] })),
  fc.constantFrom(IDS.api, IDS.voice, 'sg-0eee11112222ffff3').map((GroupId) => ({ UserIdGroupPairs: [{ GroupId }] })),
)
const permissions = fc
  .record({
    protocol: fc.constantFrom('tcp', 'udp', '-1', '6', '47', 'TCP'),
    ports: fc.constantFrom([22, 22], [80, 443], [443, 443], [5060, 5060], [0, 65535], [8000, 8010], [8011, 8021], [8000, 9000]),
    source: sources,
  })
  .map(({ protocol, ports: [FromPort, ToPort], source }) => ({
    IpProtocol: protocol,
    ...(protocol === '-1' || protocol === '47' ? {} : { FromPort, ToPort }),
    ...source,
  }))
const accounts = fc.record({ api: fc.array(permissions, { maxLength: 8 }), voice: fc.array(permissions, { maxLength: 8 }) }).map((rules) =>
  JSON.stringify({
    SecurityGroups: (['api', 'voice'] as const).map((name) => ({
      GroupId: IDS[name],
      GroupName: name,
      VpcId: 'vpc-0123',
      IpPermissions: rules[name],
    })),
  }),
)

const meaning = (rules: readonly SeenRule[]): readonly LetIn[] => rules.flatMap((rule) => seenMeaning(rule) ?? [])
/** One packet: from an address, or from a member of a group, whose address is not known. */
interface Point {
  readonly protocol: number
  readonly port: number
  readonly from: Address | string
}

const ADDRESSES = [
  '203.0.113.7',
  '203.0.113.8',
  '198.51.100.1',
  '198.51.100.200',
  '198.51.0.1',
  '8.8.8.8',
  '200.1.1.1',
  '2001:db8::1',
  '2001:db9::1',
  '2600::1',
  'fd00::1',
].flatMap((text) => parseAddress(text) ?? [])
const POINTS: readonly Point[] = [6, 17, 47].flatMap((protocol) =>
  [1, 22, 80, 443, 5060, 8000, 8010, 8011, 8021, 9000].flatMap((port) =>
    [...ADDRESSES, IDS.api, IDS.voice, 'sg-0eee11112222ffff3'].map((from) => ({ protocol, port, from })),
  ),
)

/** Packet by packet, without the algebra that the plan uses. */
function letsIn(rules: readonly LetIn[], { protocol, port, from }: Point): boolean {
  const fitting = rules.filter((rule) => (rule.protocol === 'every' || rule.protocol === protocol) && includes(rule.ports, port))
  const takes = (address: Address): boolean =>
    fitting.some((rule) => rule.from.kind === 'addresses' && hasAddress(rule.from.addresses, address))
  if (typeof from !== 'string') return takes(from)
  return fitting.some((rule) => rule.from.kind === 'group' && rule.from.id === from) || ADDRESSES.every(takes)
}

const within = (some: readonly LetIn[], others: readonly LetIn[]): boolean => some.every((rule) => isWithin(rule, others))

describe('a plan', () => {
  it('I2 · of any account: what stays and what is authorised together let in exactly what is wanted; no rule that is right goes', () => {
    fc.assert(
      fc.property(accounts, (text) => {
        const seen = readSecurityGroups(text)
        if (seen === undefined) throw new Error('not read')
        const { groups, problems } = planOf(model, seen)
        expect(problems).toEqual([])
        for (const { group, there, authorise, revoke, keep, left } of groups) {
          const wanted = group.rules.map((rule) => wantedMeaning(rule, idOf))
          const after = [...meaning(keep), ...authorise.map((rule) => wantedMeaning(rule, idOf))]
          expect(within(after, wanted) && within(wanted, after)).toBe(true)
          expect(POINTS.filter((point) => letsIn(after, point) !== letsIn(wanted, point))).toEqual([])
          expect(meaning(revoke).filter((rule) => isWithin(rule, wanted))).toEqual([])
          expect([...keep, ...revoke, ...left.map(({ rule }) => rule)]).toHaveLength(there?.rules.length ?? 0)
          // Nothing is authorised that is let in already.
          expect(authorise.filter((rule) => isWithin(wantedMeaning(rule, idOf), meaning(keep)))).toEqual([])
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('C4 · of any text the reader tells what it does not understand, and does not throw', () => {
    const wrong = fc.constantFrom('null', '-7', '"x"', '[]', '{}', '1e99', '"203.0.113.0/99"', '"tcp "', '65536')
    fc.assert(
      fc.property(accounts, fc.nat(), wrong, (text, at, value) => {
        const places = [...text.matchAll(/:("[^"]*"|-?\d+)/g)]
        const place = places[at % places.length]
        if (place === undefined) return
        const changed = `${text.slice(0, place.index)}:${value}${text.slice(place.index + place[0].length)}`
        const seen = readSecurityGroups(changed)
        const rules = seen?.groups.flatMap((group) => group.rules).length ?? 0
        const before = readSecurityGroups(text)?.groups.flatMap((group) => group.rules).length ?? 0
        // A rule that is not there any more was told.
        if (seen !== undefined && rules < before)
          expect([...seen.problems, ...seen.groups.flatMap((group) => group.problems)]).not.toEqual([])
      }),
      { numRuns: RUNS },
    )
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readSecurityGroups(text)),
      { numRuns: RUNS },
    )
  })
})

describe('what rules let in', () => {
  const rule = (protocol: string, source: object): LetIn => {
    const [only] = meaning(
      readSecurityGroups(
        JSON.stringify({
          SecurityGroups: [{ GroupId: 'sg-1', IpPermissions: [{ IpProtocol: protocol, FromPort: 22, ToPort: 22, ...source }] }],
        }),
      )?.groups[0]?.rules ?? [],
    )
    if (only === undefined) throw new Error('no rule')
    return only
  }
  const four = (CidrIp: string): object => ({ IpRanges: [{ CidrIp }] })

  it('I3 · two halves of the internet are the internet', () => {
    expect(isWithin(rule('tcp', four('0.0.0.0/0')), [rule('tcp', four('0.0.0.0/1')), rule('tcp', four('128.0.0.0/1'))])).toBe(true)
    expect(isWithin(rule('tcp', four('0.0.0.0/0')), [rule('tcp', four('0.0.0.0/1')), rule('tcp', four('128.0.0.0/2'))])).toBe(false)
  })

  it('I4 · a group’s members are let in by all addresses, and by no fewer', () => {
    const group = rule('tcp', { UserIdGroupPairs: [{ GroupId: 'sg-2' }] })
    const six = rule('tcp', { Ipv6Ranges: [{ CidrIpv6: '::/0' }] })
    expect(isWithin(group, [rule('tcp', four('0.0.0.0/0')), six])).toBe(true)
    expect(isWithin(group, [rule('tcp', four('0.0.0.0/0'))])).toBe(false)
    expect(isWithin(group, [rule('-1', { UserIdGroupPairs: [{ GroupId: 'sg-2' }] })])).toBe(true)
    expect(isWithin(rule('udp', four('203.0.113.7/32')), [rule('tcp', four('203.0.113.7/32'))])).toBe(false)
    expect(isWithin(rule('-1', four('203.0.113.7/32')), [rule('tcp', four('203.0.113.7/32')), rule('udp', four('203.0.113.7/32'))])).toBe(
      false,
    )
  })
})
