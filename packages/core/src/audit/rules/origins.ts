import { type AllowedOrigins, type Evidence, evidenceOf, type FileOrigin, includesPort, resolveValue, show } from '../../evidence/index.ts'
import { classOf, isLoopback, isLoopbackName, parseAddress } from '../../network/index.ts'
import type { Policy } from '../../policy/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding } from '../finding.ts'
import { finding, stablePlace } from './words.ts'

/** `origin-wildcard` and `origin-stale` (V3). */
export function checkOrigins({ evidence, policy }: AuditContext): readonly Finding[] {
  const lists = evidenceOf(evidence, 'allowed-origins')
  const listed = policy === undefined ? [] : lists.flatMap((list) => list.claim.origins.flatMap((item) => stale(list, item, policy)))
  const seen = new Set<string>()
  return [...lists.flatMap(wildcard), ...listed].filter((item) => {
    // A list that is copied into another environment file says the same thing again at another place, which is worth a finding; the same place is not.
    const [place] = item.places
    const key =
      place?.origin.kind === 'file' ? `${item.fingerprint} ${place.origin.path}:${place.origin.span.start.line}` : item.fingerprint
    return seen.has(key) ? false : seen.add(key) !== undefined
  })
}

function wildcard(list: Evidence<AllowedOrigins>): readonly Finding[] {
  if (!list.claim.wildcard) return []
  const { credentials, name, under } = list.claim
  const [severity, less] = credentials ? (['high', 'medium'] as const) : (['medium', 'low'] as const)
  const read = credentials ? 'read answers with the user’s credentials' : 'read the answers'
  const when = under === undefined ? '' : under.holds ? ` where \`${under.test}\` holds` : ` unless \`${under.test}\` holds`
  return [
    finding({
      rule: 'origin-wildcard',
      // What is decided at start may never be so where it matters.
      severity: under === undefined ? severity : less,
      message: `The CORS setting ${name} lets scripts of any site ${read}${when}`,
      places: [{ role: 'allowed here', origin: list.origin }],
      fix: 'list the origins that need it, each with its port',
      key: `${stablePlace(list.origin)} ${name}`,
    }),
  ]
}

function stale(list: Evidence<AllowedOrigins>, item: AllowedOrigins['origins'][number], policy: Policy): readonly Finding[] {
  return resolveValue(item.text, { environment: new Map(), arguments: new Map() }).flatMap((value): readonly Finding[] => {
    if (value.kind !== 'known' || value.value === '*') return []
    // A variable's list is split by the program that reads it.
    return String(value.value)
      .split(',')
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .flatMap((text) => {
        const why = isDevelopers(text, item.origin) ? undefined : problemOf(text, policy)
        return why === undefined ? [] : [originFinding(list, text, why, item.origin, correctionOf(text, list, policy))]
      })
  })
}

/** Where front ends are served while they are worked on, unless it is said otherwise: next dev and react-scripts start; vite. */
const DEVELOPERS_PORTS: ReadonlySet<string> = new Set(['3000', '5173'])

const CODE = /\.(?:[cm]?[jt]sx?|py|go)$/

/** A default of the code for who works on its front end on the same machine. What files of variables and proxies list is for a deployment. */
function isDevelopers(text: string, { path }: FileOrigin): boolean {
  const [, , host = '', port = ''] = ORIGIN.exec(text) ?? []
  return DEVELOPERS_PORTS.has(port) && isThisMachine(host) && CODE.test(path)
}

function originFinding(list: Evidence<AllowedOrigins>, text: string, why: string, origin: FileOrigin, to: string): Finding {
  return finding({
    rule: 'origin-stale',
    severity: 'low',
    message: `The CORS setting ${list.claim.name} allows ${show(text)}, ${why}`,
    places: [{ role: 'allowed here', origin }],
    fix: to === '' ? 'take it out, or correct it' : `correct it: ${show(to)}; or take it out`,
    changes: [{ change: 'value', at: origin, from: text, to }],
    key: `${origin.path} ${text}`,
  })
}

/** RFC 6454 §6.2: scheme, host and, where it is not the scheme's own, port. */
const ORIGIN = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i

/** What is wrong with an origin in the light of the policy; `undefined`: nothing. */
function problemOf(text: string, policy: Policy): string | undefined {
  const services = [...policy.services.values()]
  const declared = services.flatMap((service) => service.http?.origins ?? []).map((item) => item.value)
  if (declared.includes(text.toLowerCase())) return undefined
  const match = ORIGIN.exec(text)
  if (match === null) return 'which is no origin: scheme, host and port, and nothing behind'
  const [, scheme = '', host = '', portText] = match
  const port = portText === undefined ? (scheme.toLowerCase() === 'https' ? 443 : 80) : Number(portText)
  if (services.some((service) => service.http?.origins !== undefined)) return 'which the policy does not list'
  if (!isLocalName(host)) {
    const domains = services.flatMap((service) => service.domains)
    return domains.some(
      (domain) => domain === host.toLowerCase() || (domain.startsWith('*.') && host.toLowerCase().endsWith(domain.slice(1))),
    )
      ? undefined
      : 'which is no domain of this deployment'
  }
  return services.some((service) => service.ports.some((range) => includesPort(range, port)))
    ? undefined
    : `and no service of the policy is on port ${port}`
}

/** What it was most likely meant to be; empty: to be taken out. */
function correctionOf(text: string, list: Evidence<AllowedOrigins>, policy: Policy): string {
  const [, scheme = '', host = ''] = ORIGIN.exec(text) ?? []
  if (host === '' || !isLocalName(host)) return ''
  const services = [...policy.services.values()]
  const declared = services.flatMap((service) => service.http?.origins ?? []).map((item) => item.value)
  const ports = services.flatMap(({ edge, ports: [range], protocols }) =>
    edge || range === undefined || !protocols.includes('tcp') ? [] : range.first,
  )
  const beginning = `${scheme}://${host}`.toLowerCase()
  const candidates =
    declared.length > 0
      ? declared.filter((item) => item.replace(/:\d{1,5}$/, '') === beginning)
      : ports.map((port) => `${beginning}:${port}`)
  const [only, ...others] = candidates
  const listed = list.claim.origins.map((item) => (item.text.kind === 'known' ? String(item.text.value) : ''))
  return only === undefined || others.length > 0 || listed.some((item) => item.split(',').some((one) => one.trim() === only)) ? '' : only
}

function isThisMachine(host: string): boolean {
  const address = parseAddress(host.replace(/^\[(.*)\]$/, '$1'))
  return address === undefined ? isLoopbackName(host) : isLoopback(address)
}

/** Names of this machine and its networks, for which a port says which service is meant. */
function isLocalName(host: string): boolean {
  if (/^localhost$/i.test(host) || host.endsWith('.localhost')) return true
  const address = parseAddress(host.replace(/^\[(.*)\]$/, '$1'))
  return address !== undefined && classOf(address) !== 'internet'
}
