import { difference, intersection, isEmpty, rangeSet, sourceAddresses, type AddressSet, INTERNET, PRIVATE } from '../../network/index.ts'
import { show } from '../../evidence/index.ts'
import type { Located, PolicyTest, SourceRef } from '../../policy/index.ts'
import type { Sender, Way } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding } from '../finding.ts'
import { predictedEndpoints } from '../join/predicted.ts'
import type { PossibleFronting } from '../join/fronting.ts'
import type { ServiceRow } from '../join/service.ts'
import { declaredEndpoints } from './intent.ts'
import { canReach, decidingRules, finding } from './words.ts'

/**
 * `claim-failed`: the `tests` of the policy, on what runs. A service that does not run proves nothing and fails nothing: it is missing. Of
 * files alone, what they contradict.
 */
export function checkClaims({ policy, rows, host }: AuditContext): readonly Finding[] {
  if (policy === undefined) return []
  if (host === undefined) return policy.tests.flatMap((test) => contradicted(test, rows))
  const rowOf = (name: string): ServiceRow | undefined =>
    rows.find((row) => row.declared?.name === name && declaredEndpoints(row).length > 0)
  return policy.tests.flatMap((test) => [
    ...test.deny.flatMap((claim) => denied(test, claim, rowOf(claim.value), false)),
    ...test.denyThrough.flatMap((claim) => denied(test, claim, rowOf(claim.value), true)),
    ...test.accept.flatMap((claim) => accepted(test, claim, rowOf(claim.value))),
  ])
}

/** Whatever filters packets, a proxy forwards what it is told to, and nobody comes from elsewhere to what is bound to loopback. */
function contradicted(test: PolicyTest, rows: readonly ServiceRow[]): readonly Finding[] {
  const rowOf = (name: string): ServiceRow | undefined => rows.find((row) => row.declared?.name === name)
  return [
    ...test.denyThrough.flatMap((claim): readonly Finding[] => {
      const row = rowOf(claim.value)
      return row?.fronts[0] === undefined && row?.possibleFronts[0] === undefined ? [] : denied(test, claim, row, true)
    }),
    ...test.accept.flatMap((claim): readonly Finding[] => {
      const row = rowOf(claim.value)
      const endpoints = row === undefined ? [] : predictedEndpoints(row)
      const outsiders = test.from.filter((source) => source.kind !== 'built-in' || source.name === 'private' || source.name === 'internet')
      if (row === undefined || outsiders.length === 0 || endpoints.length === 0) return []
      if (!endpoints.every(({ exposure }) => exposure === 'loopback' || exposure === 'internal')) return []
      return [
        finding({
          rule: 'claim-failed',
          severity: 'critical',
          service: row.name,
          message: `A test says that ${outsiders.map(nameOf).join(', ')} can reach ${row.name}, and the files bind it where they cannot come`,
          places: [
            { role: 'claimed here', origin: claim.origin },
            ...endpoints.map(({ cause }) => ({ role: 'binds it here', origin: cause })),
          ],
          fix: 'bind it where its users come to, or correct the claim',
          key: `accept ${test.from.map(nameOf).join(',')} ${claim.value}`,
        }),
      ]
    }),
  ]
}

function denied(test: PolicyTest, claim: Located<string>, row: ServiceRow | undefined, through: boolean): readonly Finding[] {
  if (row === undefined) return []
  const ways = declaredEndpoints(row).flatMap((reach) => reach.ways.filter((way) => test.from.some((source) => mayCome(source, way))))
  const [way] = ways
  const [front] = through ? row.fronts : []
  const possible =
    through && front === undefined ? (row.possibleFronts.find((one) => one.clientChosen) ?? row.possibleFronts[0]) : undefined
  const proxy = front ?? possible
  if (way === undefined && proxy === undefined) return []
  if (way === undefined && possible?.clientChosen === false) return [untold(row, claim, possible)]
  return [
    finding({
      rule: 'claim-failed',
      severity: front === undefined && !ways.some(({ certainty }) => certainty === 'open') ? 'high' : 'critical',
      service: row.name,
      message:
        way === undefined
          ? `A test says that ${row.name} is not reached through any proxy, and ${proxy?.system} ${front === undefined ? 'may forward' : 'forwards'} to it${possible === undefined ? '' : `: ${show(possible.reason)}`}`
          : `A test denies ${row.name} to ${test.from.map(nameOf).join(', ')}, and ${canReach(ways)} it`,
      places: [
        ...(way === undefined ? [] : decidingRules(way)),
        ...(proxy === undefined ? [] : [{ role: 'forwarded from here', origin: proxy.origin }]),
        { role: 'claimed here', origin: claim.origin },
      ],
      fix: 'close what the path names, or correct the claim',
      key: `deny ${test.from.map(nameOf).join(',')} ${claim.value}`,
    }),
  ]
}

/** A name that a resolver gives its address, or what the environment puts in, may be this machine. */
function untold(row: ServiceRow, claim: Located<string>, { system, reason, origin }: PossibleFronting): Finding {
  return finding({
    rule: 'undecided',
    severity: 'info',
    service: row.name,
    message: `It cannot be told whether ${system} forwards to ${row.name}, which a test denies: ${show(reason)}`,
    places: [
      { role: 'may be forwarded from here', origin },
      { role: 'claimed here', origin: claim.origin },
    ],
    fix: 'forward to an address, or give that machine another port',
    key: `deny through ${claim.value}`,
  })
}

function accepted(test: PolicyTest, claim: Located<string>, row: ServiceRow | undefined): readonly Finding[] {
  if (row === undefined) return []
  const missing = test.from.filter(
    (source) => !declaredEndpoints(row).some((reach) => reach.ways.some((way) => way.certainty === 'open' && mayCome(source, way))),
  )
  if (missing.length === 0) return []
  const blocked = declaredEndpoints(row).flatMap((reach) => reach.blocked)[0]
  return [
    finding({
      rule: 'claim-failed',
      severity: 'critical',
      service: row.name,
      message: `A test says that ${missing.map(nameOf).join(', ')} can reach ${row.name}, and no packet of theirs surely arrives`,
      places: [{ role: 'claimed here', origin: claim.origin }],
      fix: 'open what the path names, or correct the claim',
      facts: blocked === undefined ? [] : [show(`stopped on the way in at ${blocked.entry.device}`)],
      key: `accept ${test.from.map(nameOf).join(',')} ${claim.value}`,
    }),
  ]
}

const SENDERS: Readonly<Record<string, readonly Sender[]>> = { loopback: [], host: ['host'], private: ['private'], internet: ['internet'] }
const CLASSES: Readonly<Record<string, AddressSet>> = { internet: INTERNET, private: PRIVATE }

/** Whether packets of this source can be among those of the way. */
function mayCome(source: SourceRef, way: Way): boolean {
  const addresses = sourceAddresses(way.sources)
  if (source.kind === 'built-in')
    return (
      (SENDERS[source.name] ?? []).includes(way.sender) &&
      (CLASSES[source.name] === undefined ||
        way.sender === 'private' ||
        !isEmpty(intersection(addresses, CLASSES[source.name] ?? addresses)))
    )
  const wanted = rangeSet(source.addresses)
  return !isEmpty(intersection(addresses, wanted)) && isEmpty(difference(intersection(addresses, wanted), addresses))
}

function nameOf(source: SourceRef): string {
  return source.kind === 'literal' ? source.text : source.name
}
