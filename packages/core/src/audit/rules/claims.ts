import { type ProxyServer, type Shown, show } from '../../evidence/index.ts'
import type { Located, PolicyTest, SourceRef } from '../../policy/index.ts'
import type { Blocked, EndpointReach, Way } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding, Place } from '../finding.ts'
import { plansBehind } from '../join/agrees.ts'
import { predictedEndpoints } from '../join/predicted.ts'
import type { PossibleFronting } from '../join/fronting.ts'
import type { ServiceRow } from '../join/service.ts'
import { comesFromWithin, comesToProxy, mayCome, seatOf } from './claim-sources.ts'
import { declaredEndpoints } from './intent.ts'
import { canReach, causes, decidingRules, finding, holder, reasonPlaces, stoppingRules } from './words.ts'

/**
 * `claim-failed`: the `tests` of the policy, on what runs. A service that does not run proves nothing and fails nothing: it is missing. Of
 * files alone, what they contradict.
 */
export function checkClaims(context: AuditContext): readonly Finding[] {
  const { policy, rows, host } = context
  if (policy === undefined) return []
  if (host === undefined) return policy.tests.flatMap((test) => contradicted(test, context))
  const rowOf = (name: string): ServiceRow | undefined =>
    rows.find((row) => row.declared?.name === name && declaredEndpoints(row).length > 0)
  return policy.tests.flatMap((test) => [
    ...test.deny.flatMap((claim) => denied(test, claim, rowOf(claim.value), 'directly', context)),
    ...test.denyThrough.flatMap((claim) => denied(test, claim, rowOf(claim.value), 'through', context)),
    ...test.accept.flatMap((claim) => accepted(test, claim, rowOf(claim.value), context)),
  ])
}

/** Whatever filters packets, a proxy forwards what it is told to, and nobody comes from elsewhere to what is bound to loopback. */
function contradicted(test: PolicyTest, context: AuditContext): readonly Finding[] {
  const rowOf = (name: string): ServiceRow | undefined => context.rows.find((row) => row.declared?.name === name)
  return [
    ...test.denyThrough.flatMap((claim) => denied(test, claim, rowOf(claim.value), 'through', context)),
    ...test.accept.flatMap((claim): readonly Finding[] => {
      const row = rowOf(claim.value)
      const endpoints = row === undefined ? [] : predictedEndpoints(row)
      // A container comes to others of its networks.
      const outsiders = test.from.filter((source) => {
        const seat = isContainers(source) ? 'container' : seatOf(source, context)
        return (
          seat !== 'machine' &&
          endpoints.every(({ exposure }) => exposure === 'loopback' || (exposure === 'internal' && seat !== 'container'))
        )
      })
      if (row === undefined || outsiders.length === 0 || endpoints.length === 0) return []
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

function denied(
  test: PolicyTest,
  claim: Located<string>,
  row: ServiceRow | undefined,
  how: 'directly' | 'through',
  context: AuditContext,
): readonly Finding[] {
  if (row === undefined) return []
  const endpoints = declaredEndpoints(row)
  const waysOf = (reach: EndpointReach): readonly Way[] =>
    reach.ways.filter((way) => test.from.some((source) => mayCome(source, way, context)))
  const ways = endpoints.flatMap(waysOf)
  const within = test.from.filter((source) => endpoints.some((reach) => comesFromWithin(source, reach, context)))
  const [way] = ways
  const reached =
    endpoints.find((reach) => waysOf(reach).length > 0) ??
    endpoints.find((reach) => test.from.some((source) => comesFromWithin(source, reach, context)))
  const isDirect = way !== undefined || within.length > 0
  const isUsable = (server: ProxyServer): boolean =>
    test.from.some((source) => comesToProxy(source, server, context.proxiesOn.get(server) ?? context))
  const front = how === 'directly' ? undefined : row.fronts.find(({ server }) => isUsable(server))
  const mayFront = how === 'directly' || front !== undefined ? [] : row.possibleFronts.filter(({ servers }) => servers.some(isUsable))
  const possible = mayFront.find((one) => one.clientChosen) ?? mayFront[0]
  const proxy = front ?? possible
  if (!isDirect && proxy === undefined) return []
  if (!isDirect && possible?.clientChosen === false) return [untold(row, claim, possible)]
  const isSure = front !== undefined || within.length > 0 || ways.some(({ certainty }) => certainty === 'open')
  return [
    finding({
      rule: 'claim-failed',
      severity: isSure ? 'critical' : 'high',
      service: row.name,
      message: isDirect
        ? `A test denies ${row.name} to ${test.from.map(nameOf).join(', ')}, and ${way === undefined ? `${within.map(nameOf).join(', ')}, on the same machine, can reach` : canReach(ways)} it`
        : `A test says that ${row.name} is not reached through any proxy, and ${proxy?.system} ${front === undefined ? 'may forward' : 'forwards'} to it${possible === undefined ? '' : `: ${show(possible.reason)}`}`,
      places: [
        ...(reached === undefined ? [] : causes(plansBehind(row, reached))),
        ...(way === undefined ? [] : decidingRules(way)),
        ...(proxy === undefined ? [] : [{ role: 'forwarded from here', origin: proxy.origin }]),
        { role: 'claimed here', origin: claim.origin },
      ],
      fix: 'close what the path names, or correct the claim',
      facts: reached === undefined ? [] : [holder(row, reached)],
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

function accepted(test: PolicyTest, claim: Located<string>, row: ServiceRow | undefined, context: AuditContext): readonly Finding[] {
  if (row === undefined) return []
  const missing = test.from.filter(
    (source) =>
      !declaredEndpoints(row).some(
        (reach) =>
          comesFromWithin(source, reach, context) || reach.ways.some((way) => way.certainty === 'open' && mayCome(source, way, context)),
      ),
  )
  if (missing.length === 0) return []
  const endpoints = declaredEndpoints(row)
  const [blocked] = endpoints.flatMap((reach) => reach.blocked.filter((item) => missing.some((source) => mayCome(source, item, context))))
  const [way] = endpoints.flatMap((reach) => reach.ways.filter((item) => missing.some((source) => mayCome(source, item, context))))
  const { places, fix } = contradiction(row, endpoints, blocked, way)
  return [
    finding({
      rule: 'claim-failed',
      severity: 'critical',
      service: row.name,
      message: `A test says that ${missing.map(nameOf).join(', ')} can reach ${row.name}, and no packet of theirs surely arrives`,
      places: [{ role: 'claimed here', origin: claim.origin }, ...places],
      fix: `${fix}, or correct the claim`,
      facts: [...endpoints.map((reach) => holder(row, reach)), ...(blocked === undefined ? [] : stoppedBy(blocked))],
      key: `accept ${test.from.map(nameOf).join(',')} ${claim.value}`,
    }),
  ]
}

/** What keeps those out who are meant to come: a rule, what cannot be told of their way, or that nobody comes to where it is bound. */
function contradiction(
  row: ServiceRow,
  endpoints: readonly EndpointReach[],
  blocked: Blocked | undefined,
  way: Way | undefined,
): { readonly places: readonly Place[]; readonly fix: string } {
  if (blocked !== undefined) return { places: stoppingRules(blocked), fix: 'open what stops them' }
  if (way !== undefined) return { places: reasonPlaces(way), fix: 'make visible what decides, or take it away' }
  return { places: endpoints.flatMap((reach) => causes(plansBehind(row, reach))), fix: 'bind it where its users come to' }
}

/** The chain whose policy stops it, or the interface where that happens. */
function stoppedBy({ path, entry }: Blocked): readonly Shown[] {
  const last = path.findLast((step) => step.kind === 'netfilter')?.step
  const where = `stopped on the way in at ${entry.device}`
  return [show(last?.kind === 'policy' ? `${where}, by the policy of the chain ${last.chain} (${last.tool} ${last.table})` : where)]
}

/** The containers of the machine, as a whole. */
function isContainers(source: SourceRef): boolean {
  return source.kind === 'built-in' && source.name === 'host'
}

function nameOf(source: SourceRef): string {
  return source.kind === 'literal' ? source.text : source.name
}
