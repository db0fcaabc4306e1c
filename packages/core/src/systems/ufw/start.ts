import type { Text } from '../../evidence/index.ts'
import type { Family } from '../../network/index.ts'
import { LoadedTables } from './loaded.ts'
import { isYes, type UfwSettings } from './settings.ts'

/** The `.rules` files of one family, as far as they are there and not empty. */
export interface RulesFiles {
  readonly before: Text | undefined
  readonly after: Text | undefined
  readonly user: Text | undefined
}

const SIDES = ['input', 'output', 'forward'] as const
type Side = (typeof SIDES)[number]
const STAGES = ['before-logging', 'before', 'after', 'after-logging', 'reject', 'track'] as const

const POLICIES: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'REJECT'])

/**
 * What `ufw-init start` does after a boot, family by family (ufw 0.36, /lib/ufw/ufw-init-functions, ufw_start): its own chains, then the
 * files in this order, then the policies.
 */
export function startedTables(family: Family, settings: UfwSettings, files: RulesFiles): LoadedTables {
  const tables = new LoadedTables(family)
  if (family === 6 && !isYes(settings, 'IPV6')) {
    tables.add(
      [':INPUT DROP [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT DROP [0:0]', '-A INPUT -i lo -j ACCEPT', '-A OUTPUT -o lo -j ACCEPT'],
      settings.values.get('IPV6')?.origin,
    )
    return tables
  }
  const prefix = family === 4 ? 'ufw' : 'ufw6'
  tables.add(SIDES.flatMap((side) => STAGES.map((stage) => `:${prefix}-${stage}-${side} - [0:0]`)))
  for (const side of SIDES) tables.add(STAGES.map((stage) => `-A ${side.toUpperCase()} -j ${prefix}-${stage}-${side}`))
  for (const side of SIDES) addPolicyRules(tables, prefix, side, settings)
  tables.add([`:${prefix}-logging-deny - [0:0]`, `:${prefix}-logging-allow - [0:0]`])
  for (const side of SIDES) addSkipChain(tables, prefix, side, settings)
  for (const file of [files.before, files.after]) if (file !== undefined) tables.restore(file)
  if (files.user !== undefined) {
    tables.add([
      ...SIDES.flatMap((side) => [`:${prefix}-user-${side} - [0:0]`, `:${prefix}-user-logging-${side} - [0:0]`]),
      `:${prefix}-user-limit - [0:0]`,
      `:${prefix}-user-limit-accept - [0:0]`,
    ])
    tables.restore(files.user)
    tables.add(SIDES.map((side) => `-A ${prefix}-before-${side} -j ${prefix}-user-${side}`))
  }
  for (const side of SIDES) setPolicy(tables, side, settings)
  return tables
}

function policyOf(side: Side, settings: UfwSettings) {
  return settings.values.get(`DEFAULT_${side.toUpperCase()}_POLICY`)
}

function addPolicyRules(tables: LoadedTables, prefix: string, side: Side, settings: UfwSettings): void {
  const policy = policyOf(side, settings)
  if (policy?.value === 'REJECT') tables.add([`-A ${prefix}-reject-${side} -j REJECT`], policy.origin)
  if (policy?.value !== 'ACCEPT') return
  tables.add(
    ['tcp', 'udp'].map((protocol) => `-A ${prefix}-track-${side} -p ${protocol} -m conntrack --ctstate NEW -j ACCEPT`),
    policy.origin,
  )
}

function addSkipChain(tables: LoadedTables, prefix: string, side: Side, settings: UfwSettings): void {
  const policy = policyOf(side, settings)
  tables.add([`:${prefix}-skip-to-policy-${side} - [0:0]`])
  if (policy !== undefined && POLICIES.has(policy.value))
    tables.add([`-A ${prefix}-skip-to-policy-${side} -j ${policy.value}`], policy.origin)
}

function setPolicy(tables: LoadedTables, side: Side, settings: UfwSettings): void {
  const policy = policyOf(side, settings)
  if (policy !== undefined && POLICIES.has(policy.value)) {
    tables.add([`:${side.toUpperCase()} ${policy.value === 'REJECT' ? 'DROP' : policy.value} [0:0]`], policy.origin)
    return
  }
  const origin = policy?.origin ?? settings.values.get('ENABLED')?.origin
  const what = `DEFAULT_${side.toUpperCase()}_POLICY is none of ACCEPT, DROP and REJECT: the policy stays what it is`
  if (origin !== undefined) tables.problems.push({ what, origin, affects: true })
}
