import {
  type Boundary,
  type ClaimKind,
  type Evidence,
  evidenceOf,
  type Gap,
  type NamespaceId,
  type Proxy,
  type ProxyServer,
  type Value,
  type Variable,
} from '../evidence/index.ts'
import { type Policy, type Service, THIS_HOST } from '../policy/policy.ts'
import { buildHost, computeReach, type HostModel, type Upstream } from '../reach/index.ts'
import { type Accepted, applyAcceptances } from './accept.ts'
import { alikeAsOne } from './alike.ts'
import type { Finding } from './finding.ts'
import { withChangedPorts } from './join/changed.ts'
import { withNext } from './join/next.ts'
import { type Ambiguity, joinRows } from './join/rows.ts'
import type { ServiceRow } from './join/service.ts'
import { RULE_CHECKS } from './rules/index.ts'
import { runsHere } from './rules/intent.ts'
import { computeScore, type Score } from './score.ts'
import { orderFindings } from './order.ts'

export interface AuditInput {
  readonly evidence: readonly Evidence[]
  readonly policy: Policy | undefined
  /** Absolute path of the folder that was looked at. */
  readonly folder: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Which of the deployment's environments is meant; `undefined`: not said. */
  readonly environment: string | undefined
}

/** What the rules look at. */
export interface AuditContext extends AuditInput {
  readonly host: HostModel | undefined
  readonly rows: readonly ServiceRow[]
  readonly ambiguous: readonly Ambiguity[]
  readonly upstream: Upstream
  /** The proxies of other hosts, each with what is seen there. */
  readonly proxiesOn: ReadonlyMap<ProxyServer, AuditContext>
}

/** The machine that was looked at. */
export interface LookedAt {
  readonly name: string
  readonly boundary: Boundary
  readonly namespace: NamespaceId
  /** Milliseconds since the epoch; absent: now. */
  readonly capturedAt?: number
}

export interface AuditReport {
  readonly host: LookedAt | undefined
  /** What reach was computed from, for what is asked of it afterwards; absent where no machine was looked at. */
  readonly model: { readonly host: HostModel; readonly upstream: Upstream } | undefined
  readonly policy: Policy | undefined
  /** The proxies that were read, of the machine and of the folder. */
  readonly proxies: readonly Evidence<Proxy>[]
  /** What to call the namespaces other than the machine's own. */
  readonly namespaces: ReadonlyMap<NamespaceId, string>
  readonly rows: readonly ServiceRow[]
  /** Declared services of other hosts, of which nothing can be seen from here. */
  readonly elsewhere: ReadonlySet<string>
  /** Worst first; without those that an accept entry takes away. */
  readonly findings: readonly Finding[]
  readonly accepted: readonly Accepted[]
  readonly score: Score
  /** A verdict is open that could become a finding of weight: an `undecided` one that nothing accepts. */
  readonly undecided: boolean
  readonly gaps: readonly Evidence<Gap>[]
  readonly ambiguous: readonly Ambiguity[]
  /** The kinds of evidence that there were: of what is not among them nothing was seen, and no finding says nothing. */
  readonly kinds: ReadonlySet<ClaimKind>
  /** What files of variables give a value. */
  readonly variables: readonly Evidence<Variable>[]
}

/** Policy × reach × evidence → findings and score, of one host or of files alone. */
export function audit(input: AuditInput): AuditReport {
  return reportOf(contextOf(input))
}

/** What is seen, computed and joined. */
export function contextOf(given: AuditInput): AuditContext {
  const input = { ...given, evidence: withChangedPorts(given.evidence) }
  const host = buildHost(input.evidence)
  const upstream = upstreamOf(input.policy, host)
  const reach = host === undefined ? [] : computeReach(host, upstream)
  const { rows, ambiguous } = joinRows(input.evidence, host, reach, input.policy, input.folder)
  return {
    ...input,
    host,
    rows: host === undefined ? rows : withNext(rows, host, upstream),
    ambiguous,
    upstream,
    proxiesOn: new Map(),
  }
}

/** What the rules say of it. */
export function reportOf(context: AuditContext): AuditReport {
  const { host, rows, ...input } = context
  const found = RULE_CHECKS.flatMap((check) => check(context))
  const { findings: left, accepted } = applyAcceptances(found, input.policy, input.now)
  const findings = alikeAsOne(left)
  const undecided = findings.some((finding) => finding.rule === 'undecided')
  return {
    host: host === undefined ? undefined : lookedAt(host, input.now),
    model: host === undefined ? undefined : { host, upstream: input.upstream },
    policy: input.policy,
    proxies: evidenceOf(input.evidence, 'proxy'),
    namespaces: new Map([...(host?.namespaces.values() ?? [])].filter((item) => item.kind !== 'host').map((item) => [item.id, item.label])),
    rows,
    elsewhere: elsewhere(input.policy, host),
    findings: orderFindings(findings),
    accepted,
    score: computeScore(findings),
    undecided,
    gaps: evidenceOf(input.evidence, 'gap'),
    ambiguous: input.ambiguous,
    kinds: new Set(input.evidence.map(({ claim }) => claim.claim)),
    variables: evidenceOf(input.evidence, 'variable').filter(({ claim: { value } }) => !isEmpty(value)),
  }
}

function isEmpty(value: Value): boolean {
  return value.kind === 'absent' || (value.kind === 'known' && value.value === '')
}

function lookedAt({ name, boundary, own, capturedAt }: HostModel, now: number): LookedAt {
  return { name, boundary, namespace: own, ...(capturedAt === now ? {} : { capturedAt }) }
}

/** Where no machine was looked at, files may be of any of several hosts: then all of them are. */
function elsewhere(policy: Policy | undefined, host: HostModel | undefined): ReadonlySet<string> {
  const services = [...(policy?.services.values() ?? [])]
  const isHere = (service: Service): boolean =>
    policy === undefined ||
    (host === undefined ? policy.hosts.size === 1 || service.hosts.includes(THIS_HOST) : runsHere(service, policy.hosts, host))
  return new Set(services.filter((service) => !isHere(service)).map(({ name }) => name))
}

/** What the policy says stands before this machine. */
function upstreamOf(policy: Policy | undefined, host: HostModel | undefined): Upstream {
  const hosts = [...(policy?.hosts.values() ?? [])]
  const here = hosts.filter(({ name }) => host !== undefined && policy !== undefined && runsHere({ hosts: [name] }, policy.hosts, host))
  const meant = policy?.hosts.get(THIS_HOST) ?? (hosts.length === 1 ? hosts[0] : here.length === 1 ? here[0] : undefined)
  return meant?.upstream ?? 'unknown'
}
