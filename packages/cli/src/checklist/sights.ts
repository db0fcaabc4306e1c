import { type AuditReport, dataStoreOf, type Finding, type ServiceRow } from '@sallyport/core/audit'
import { type ClaimKind, type GapEffect, isSecretName } from '@sallyport/core/evidence'
import type { Service } from '@sallyport/core/policy'

/** What an answer is given from. */
export interface View {
  readonly report: AuditReport
  /** Names of files at the top of the folder; empty where no folder was looked at. */
  readonly files: ReadonlySet<string>
}

/** Whether something was looked at: then what was seen of it; else what is missing. */
export type Seen =
  | { readonly seen: true; readonly what: string }
  /** `undecided`: it is there and could not be seen or understood, so that it may be wrong; else nothing of the kind is there. */
  | { readonly seen: false; readonly missing: string; readonly undecided: boolean }

type Look = (view: View) => Seen

const yes = (what: string): Seen => ({ seen: true, what })
const nothing = (missing: string): Seen => ({ seen: false, missing, undecided: false })
const unseen = (missing: string): Seen => ({ seen: false, missing, undecided: true })

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

/** The first gap of one of these kinds, in words. */
function gapOf({ gaps }: AuditReport, kinds: readonly GapEffect['kind'][]): string | undefined {
  const gap = gaps.find(({ claim }) => kinds.includes(claim.affects.kind))?.claim
  return gap === undefined ? undefined : `${gap.what} could not be seen${gap.remedy === undefined ? '' : `: ${gap.remedy}`}`
}

/** A verdict of the folder's files that is open. */
function openInFiles(findings: readonly Finding[]): string | undefined {
  return findings.find(
    ({ rule, places }) => rule === 'undecided' && places.some(({ origin }) => origin.kind === 'file' && !origin.path.startsWith('/')),
  )?.message
}

/** Something of the folder that has to be read whole. */
function ofFiles(isThere: (view: View) => boolean, what: string, missing: string): Look {
  return (view) => {
    if (!isThere(view)) return nothing(missing)
    const { report } = view
    const open = gapOf(report, ['folder']) ?? openInFiles(report.findings)
    if (open !== undefined) return unseen(open)
    const accepted = openInFiles(report.accepted.map(({ finding }) => finding))
    return accepted === undefined ? yes(what) : nothing(`${accepted}, accepted as it is`)
  }
}

const has =
  (...kinds: readonly ClaimKind[]) =>
  ({ report }: View): boolean =>
    kinds.some((kind) => report.kinds.has(kind))

const services = ({ policy }: AuditReport) => [...(policy?.services.values() ?? [])]

const isLocal = ({ from }: Service): boolean => from.every((source) => source.kind === 'built-in' && source.name === 'loopback')

const OWN_KEYS: readonly string[] = ['JWT_SECRET', 'INTERNAL_API_KEY']

const namesOf = (rows: readonly ServiceRow[]): string => rows.map(({ name }) => name).join(', ')

/** `.env` and its like; an example of one holds placeholders on purpose. */
const ENVIRONMENT_FILE = /^\.env(?:$|\.(?!.*(?:example|sample|template|dist|defaults)))/

function seeMachine({ report }: View): Seen {
  if (report.host === undefined) return nothing('no machine was looked at (--scope folder)')
  const open =
    gapOf(report, ['sockets', 'network', 'netfilter', 'containers']) ?? report.findings.find(({ rule }) => rule === 'undecided')?.message
  const endpoints = report.rows.reduce((sum, row) => sum + row.now.length, 0)
  const accepted = report.accepted.find(({ finding }) => finding.rule === 'undecided')
  // To live with not knowing is not to know.
  if (open === undefined && accepted !== undefined) return nothing(`${accepted.finding.message}, accepted: ${accepted.by.reason}`)
  return open === undefined ? yes(`${counted(endpoints, 'listening endpoint')} of ${report.host.name}`) : unseen(open)
}

/** What decides about packets of the machine itself: of a filter that has no rule, none is wrong. */
function hasRules({ report: { model } }: View): boolean {
  const tables = model?.host.namespaces.get(model.host.own)?.filters.flatMap(({ claim }) => claim.ruleset.tables) ?? []
  return tables.some((table) => [...table.chains.values()].some(({ rules, base }) => rules.length > 0 || base?.policy === 'drop'))
}

/** What has to have been looked at before the absence of a finding says anything. */
export type Sight = keyof typeof SIGHTS

export const SIGHTS = {
  policy: ({ report }) =>
    report.policy === undefined
      ? nothing('no policy says what is meant: sallyport init writes one')
      : yes(counted(report.policy.services.size, 'declared service')),
  /** This machine, or a capture of one, as far as who reaches what is decided. */
  machine: seeMachine,
  /** All of the deployment that is this machine's runs: what is down shows nothing. */
  running: ({ report }) => {
    const own = report.rows.filter(({ declared }) => declared !== undefined && !report.elsewhere.has(declared.name))
    const down = own.filter(({ now }) => now.length === 0).map(({ name }) => name)
    if (own.length === 0 || down.length === own.length) return nothing('no declared service runs on the machine that was looked at')
    return down.length > 0
      ? unseen(`not running, so that nothing is seen of it: ${down.join(', ')}`)
      : yes(`${counted(own.length, 'declared service')} running`)
  },
  source: ofFiles(
    has('bind', 'launch'),
    'every line of source that listens',
    'no source or start script that listens was found in the folder',
  ),
  starts: ofFiles(has('launch'), 'every start script that was found', 'nothing in the folder starts anything'),
  pm2: ofFiles(
    ({ report }) => report.rows.some((row) => row.launches.some(({ claim }) => claim.by === 'pm2')),
    'the ecosystem file',
    'no ecosystem file of PM2 was found',
  ),
  compose: ofFiles(has('compose-service'), 'the compose files', 'no compose file was found'),
  containers: ({ report }) =>
    report.kinds.has('container') ? yes('the containers') : nothing('no container runs on the machine that was looked at'),
  proxy: ({ report }) => {
    if (report.proxies.length === 0) return nothing('no nginx, Caddy or HAProxy was found')
    const open = gapOf(report, ['proxy'])
    return open === undefined ? yes(counted(report.proxies.length, 'proxy configuration')) : unseen(open)
  },
  routes: ({ report }) =>
    services(report).some(({ routes }) => routes.length > 0) ? yes('the routes of the policy') : nothing('the policy has no routes'),
  origins: ofFiles(has('allowed-origins'), 'the allowed origins', 'no list of allowed origins was found'),
  firewall: ofFiles(
    hasRules,
    'the packet filter and the scripts that set it',
    'the packet filter of a machine was not seen, or has no rule',
  ),
  git: (view) => {
    // Where git told nothing, every file was looked at, and none of them known to be committed.
    const untold = view.report.gaps.find(({ claim }) => /\bgit\b/.test(claim.what))
    return untold === undefined
      ? ofFiles(({ files }) => files.has('.git'), 'the git repository', 'the folder is no git repository')(view)
      : unseen(untold.claim.what)
  },
  /** Whether git leaves a file out shows where there is one. */
  secrets: ofFiles(
    has('variable'),
    'the environment files, and what is set where something is started; source is not searched for secrets',
    'no environment file was found',
  ),
  environmentFile: ofFiles(
    ({ files }) => [...files].some((name) => ENVIRONMENT_FILE.test(name)),
    'the environment files',
    'no .env file was found',
  ),
  /** The keys that the services of a deployment share: nothing is wrong with one that there is not. */
  ownKeys: ({ report }) => {
    const missing = OWN_KEYS.filter((name) => !report.variables.some(({ claim }) => claim.name === name))
    return missing.length > 0 ? nothing(`no environment file gives a value to ${missing.join(' and ')}`) : yes(OWN_KEYS.join(' and '))
  },
  secretValues: ({ report }) => {
    const names = new Set(report.variables.flatMap(({ claim }) => (isSecretName(claim.name) ? [claim.name] : [])))
    return names.size === 0 ? nothing('no environment file gives a value to a secret') : yes(counted(names.size, 'secret'))
  },
  environment: ({ report }) =>
    report.policy?.environment === undefined
      ? nothing('no environment was named: --environment')
      : yes(`environment ${report.policy.environment}`),
  local: ({ report }) => {
    const local = services(report).filter(isLocal)
    return local.length === 0
      ? nothing('the policy has no service for this machine alone')
      : yes(`${counted(local.length, 'service')} for this machine alone`)
  },
  /** A guard is looked for in the source of those that the policy says speak HTTP; of none, that none is without one says nothing. */
  guarded: ({ report }) => {
    const local = report.rows.filter(
      (row) =>
        row.declared !== undefined &&
        isLocal(row.declared) &&
        row.fronts.length === 0 &&
        dataStoreOf(row, row.declared.ports[0]?.first) === undefined,
    )
    const http = local.filter(({ declared }) => declared?.http !== undefined)
    const untold = namesOf(local.filter((row) => !http.includes(row)))
    const unread = namesOf(http.filter(({ planned }) => planned.every(({ bind }) => bind === undefined)))
    if (unread !== '') return nothing(`no source was found that could have a guard: ${unread}`)
    if (http.length > 0)
      return yes(`the source of ${namesOf(http)}${untold === '' ? '' : `; that ${untold} speaks HTTP the policy does not say`}`)
    return nothing(
      untold === ''
        ? 'no service for this machine alone could have a guard'
        : `the policy says of no service for this machine alone that it speaks HTTP (http: {}), so that no guard was looked for: ${untold}`,
    )
  },
} as const satisfies Readonly<Record<string, Look>>
