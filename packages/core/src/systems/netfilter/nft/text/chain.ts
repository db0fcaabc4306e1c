import { type Json } from '../../../json.ts'
import { CHAIN_TYPES, HOOKS } from '../ruleset.ts'
import type { Cursor } from './cursor.ts'
import type { Loading } from './loading.ts'
import { readRule } from './rule.ts'
import { elementsOf, readElements } from './set.ts'
import { chainOf, type OpenTable } from './tables.ts'
import { BRIDGE_PRIORITIES, PRIORITIES } from './words.ts'

/** One member of a chain's block: where it hangs, or a rule. */
export function readChainMember(cursor: Cursor, loading: Loading, table: OpenTable, name: string): void {
  const chain = chainOf(table, name)
  if (cursor.is('type') && cursor.following.kind === 'word') {
    const base = readBase(cursor, table.family)
    chain.base = { ...base, ...chain.base }
  } else if (cursor.is('policy')) {
    cursor.next()
    chain.base = { ...chain.base, policy: cursor.name() }
  } else if (cursor.is('devices')) chain.base = { ...chain.base, ...readDevices(cursor) }
  else if (cursor.take('flags', 'comment')) cursor.name()
  else chain.rules.push(readRule(cursor, loading, table, name))
}

/** `type filter hook input device eth0 priority filter + 5` (nft(8), CHAINS). */
function readBase(cursor: Cursor, family: string): { readonly [key: string]: Json } {
  cursor.expect('type')
  if (!CHAIN_TYPES.has(cursor.token.text)) cursor.fail()
  const type = cursor.name()
  cursor.expect('hook')
  if (!HOOKS.has(cursor.token.text)) cursor.fail()
  const hook = cursor.name()
  const devices = cursor.is('device', 'devices') ? readDevices(cursor) : {}
  cursor.expect('priority')
  const prio = readPriority(cursor, family)
  return { type, hook, prio, ...devices }
}

function readDevices(cursor: Cursor): { readonly dev?: Json } {
  if (cursor.take('device')) return { dev: cursor.name() }
  cursor.expect('devices')
  cursor.expect('=')
  const devices = cursor.token.kind === 'variable' ? cursor.variable() : { set: readElements(cursor, 'other', undefined) }
  return { dev: elementsOf(devices) ?? devices }
}

/** A number, or a name with a distance to it. */
function readPriority(cursor: Cursor, family: string): number {
  const value = cursor.token.kind === 'variable' ? cursor.variable() : undefined
  if (typeof value === 'number') return value
  const named = value ?? (cursor.token.kind === 'word' ? cursor.next().text : undefined)
  const table = family === 'bridge' ? BRIDGE_PRIORITIES : PRIORITIES
  if (named !== undefined && (typeof named !== 'string' || !Object.hasOwn(table, named)))
    return cursor.fail(`the priority ${JSON.stringify(named)}`)
  const base = named === undefined ? 0 : (table[named] as number)
  if (cursor.take('-')) return base - cursor.number()
  if (cursor.take('+')) return base + cursor.number()
  return named === undefined ? cursor.number() : base
}
