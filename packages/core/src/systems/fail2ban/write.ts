import type { HostName, Policy } from '../../policy/index.ts'
import type { WriteOptions, Writer, Written, WrittenFile } from '../write.ts'
import { type HostFiles, madeFor, writtenFor } from '../written-hosts.ts'
import { compareFail2ban } from './compare.ts'
import { FILTERS } from './filters.ts'
import { type Jail, jailsOf } from './jails.ts'

const JAILS = '/etc/fail2ban/jail.d/sallyport.local'

function writeFail2ban(policy: Policy, options: WriteOptions): Written {
  return writtenFor(policy, options, (host) => hostFiles(policy, host, options), {
    why: 'no service of the policy is one whose log tells of failures',
    next: 'fail2ban is for SSH (port 22), SIP (port 5060) and services of HTTP that others come to (`routes`, `http`)',
  })
}

function hostFiles(policy: Policy, host: HostName, { service }: WriteOptions): HostFiles | undefined {
  const jails = jailsOf(policy, host, service)
  if (jails.length === 0) return undefined
  const head = madeFor(policy, host, 'who is shut out').map((line) => `# ${line}\n`)
  const filters = [...FILTERS].flatMap(([name, text]): readonly WrittenFile[] =>
    jails.some(({ filter }) => filter === name) ? [{ path: `/etc/fail2ban/filter.d/${name}.conf`, text: `${head.join('')}${text}` }] : [],
  )
  return {
    files: [{ path: JAILS, text: [head.join(''), ...jails.map(jailText)].join('\n') }, ...filters],
    notes: jails.flatMap(({ notes }) => notes),
  }
}

/** Of each jail, so that others stay as they are. Addresses of this machine itself are never shut out; each further ban of an address lasts longer. */
const SETTINGS: readonly string[] = [
  'maxretry = 5',
  'findtime = 10m',
  'bantime = 1h',
  'bantime.increment = true',
  'bantime.maxtime = 1w',
  'ignoreself = true',
  'ignoreip = 127.0.0.0/8 ::1',
]

/**
 * Before anything is translated: what comes for a published port of a container is never seen by INPUT (priority of mangle; dstnat is -100).
 * A table of its own: another jail may have fail2ban's at another hook.
 */
function jailText({ name, filter, ports, protocols, logs }: Jail): string {
  const parameters = [
    'type=multiport',
    `name=${name}`,
    `port="${ports.join(',')}"`,
    `protocol="${protocols.join(',')}"`,
    'table=f2b-sallyport',
    'chain_hook=prerouting',
    'chain_priority=-150',
    'blocktype=drop',
  ]
  return [
    `[${name}]`,
    'enabled = true',
    `filter = ${filter}`,
    ...SETTINGS,
    ...(logs.length === 0 ? ['backend = systemd'] : ['backend = auto', `logpath = ${logs.join('\n          ')}`]),
    `action = nftables[${parameters.join(', ')}]`,
    '',
  ].join('\n')
}

export const writer: Writer = { write: writeFail2ban, compare: compareFail2ban }
