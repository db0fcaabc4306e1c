import type { Prefix, RoutingAction, RoutingRule } from '../../evidence/index.ts'
import type { Family } from '../../network/index.ts'
import { entries, field, items, type Json, numberField, textField } from '../json.ts'
import { readPrefix } from './ip.ts'

/** Fields of a rule that are followed, or that decide nothing (print_rule of ip/iprule.c). */
const FOLLOWED: ReadonlySet<string> = new Set([
  'priority',
  'not',
  'src',
  'srclen',
  'dst',
  'dstlen',
  'fwmark',
  'fwmask',
  'iif',
  'iif_detached',
  'oif',
  'oif_detached',
  'l3mdev',
  'table',
  'suppress_prefixlen',
  'action',
  'goto',
  'nop',
  'unresolved',
  'to_tbl',
  'protocol',
])

const EVERY_BIT = 0xffff_ffff

/** Reads `ip -j rule show` of one family (ip-rule(8)). Rules that cannot be read are left out and counted. */
export function readRules(json: Json | undefined, family: Family): { readonly rules: readonly RoutingRule[]; readonly unread: number } {
  const found = items(json).map((item) => readRule(item, family))
  const rules = found.filter((rule) => rule !== undefined)
  return { rules, unread: Array.isArray(json) ? found.length - rules.length : 1 }
}

function readRule(item: Json, family: Family): RoutingRule | undefined {
  const priority = numberField(item, 'priority')
  const from = readSelector(item, 'src', family)
  const to = readSelector(item, 'dst', family)
  const mark = readMark(item)
  if (priority === undefined || from === 'unread' || to === 'unread' || mark === 'unread') return undefined
  const inbound = textField(item, 'iif')
  return {
    claim: 'routing-rule',
    family,
    priority,
    not: field(item, 'not') !== undefined,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(inbound === undefined ? {} : { inbound }),
    ...(mark === undefined ? {} : { mark }),
    ownOnly: field(item, 'oif') !== undefined,
    asks: entries(item).flatMap(([name]) => (FOLLOWED.has(name) ? [] : [name])),
    action: readAction(item),
  }
}

function readSelector(item: Json, name: 'src' | 'dst', family: Family): Prefix | 'unread' | undefined {
  const text = textField(item, name) ?? 'all'
  if (text === 'all') return undefined
  const length = numberField(item, `${name}len`)
  return readPrefix(length === undefined ? text : `${text}/${length}`, family) ?? 'unread'
}

function readMark(item: Json): RoutingRule['mark'] | 'unread' {
  const text = textField(item, 'fwmark')
  if (text === undefined) return undefined
  const value = Number(text)
  const mask = Number(textField(item, 'fwmask') ?? EVERY_BIT)
  return [value, mask].every((one) => Number.isInteger(one) && one >= 0 && one <= EVERY_BIT) ? { value, mask } : 'unread'
}

function readAction(item: Json): RoutingAction {
  if (field(item, 'l3mdev') !== undefined) return { kind: 'lookup-vrf' }
  const table = textField(item, 'table')
  if (table !== undefined) return { kind: 'lookup', table, suppress: numberField(item, 'suppress_prefixlen') ?? -1 }
  const action = textField(item, 'action') ?? (field(item, 'nop') === undefined ? '' : 'nop')
  return action === 'blackhole' || action === 'unreachable' || action === 'prohibit' || action === 'nop'
    ? { kind: action }
    : { kind: 'other' }
}
