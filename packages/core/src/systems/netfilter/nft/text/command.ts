import type { Cursor } from './cursor.ts'
import type { Loading } from './loading.ts'
import { readElementList, readKind, readObject } from './objects.ts'
import { readRule } from './rule.ts'
import { chainOf, empty, keyOf, type OpenTable, rulesOf } from './tables.ts'
import { FAMILIES } from './words.ts'

/** One command of a file (nft(8), RULESET to ADDITIONAL COMMANDS). Without a verb something is added. */
export function readCommand(cursor: Cursor, loading: Loading): void {
  const verb = cursor.token.kind === 'word' && Object.hasOwn(VERBS, cursor.token.text) ? VERBS[cursor.token.text] : undefined
  if (verb === undefined) return add(cursor, loading)
  cursor.next()
  verb(cursor, loading)
}

const VERBS: Readonly<Record<string, (cursor: Cursor, loading: Loading) => void>> = {
  add,
  create: add,
  insert: (cursor, loading) => {
    cursor.expect('rule')
    addRule(cursor, loading, true)
  },
  replace: (cursor) => cursor.fail('a rule that is replaced by its handle, which the kernel alone knows'),
  delete: remove,
  destroy: remove,
  flush,
  rename: (cursor, loading) => {
    cursor.expect('chain')
    const table = tableOf(cursor, loading)
    const name = cursor.name()
    const chain = table.chains.get(name)
    // Jumps name the chain: nothing that is here would lead to it any more.
    if (chain !== undefined) cursor.fail(`the chain ${name} gets another name`)
    cursor.skip()
  },
  // They print something, or set counters to nothing.
  reset: (cursor) => cursor.skip(),
  list: (cursor) => cursor.skip(),
  describe: (cursor) => cursor.skip(),
}

function familyOf(cursor: Cursor): string {
  const { kind } = cursor.following
  return cursor.token.kind === 'word' && FAMILIES.has(cursor.token.text) && (kind === 'word' || kind === 'string')
    ? cursor.next().text
    : 'ip'
}

/** `inet filter`; without a family IPv4 is meant. */
function tableOf(cursor: Cursor, loading: Loading): OpenTable {
  const family = familyOf(cursor)
  return loading.tables.table(family, cursor.name())
}

function add(cursor: Cursor, loading: Loading): void {
  if (cursor.take('table')) {
    const table = tableOf(cursor, loading)
    if (cursor.take('{')) loading.tableBlock(cursor, table)
    return
  }
  if (cursor.take('chain')) {
    const table = tableOf(cursor, loading)
    const name = cursor.name()
    chainOf(table, name)
    if (cursor.take('{')) loading.chainBlock(cursor, table, name)
    return
  }
  if (cursor.take('rule')) return addRule(cursor, loading, false)
  if (cursor.take('element')) {
    const table = tableOf(cursor, loading)
    const object = setOf(cursor, table)
    for (const element of readElementList(cursor)) object.elements.push(element)
    return
  }
  const kind = readKind(cursor)
  if (kind !== undefined) {
    const table = tableOf(cursor, loading)
    return readObject(cursor, table, kind, cursor.name())
  }
  // `filter input tcp dport 22 accept`: a rule, when that chain is there.
  addRule(cursor, loading, false)
}

function setOf(cursor: Cursor, table: OpenTable) {
  const name = cursor.name()
  const object = table.objects.get(name)
  return object ?? cursor.fail(`the set ${name} is not in this file`)
}

function addRule(cursor: Cursor, loading: Loading, first: boolean): void {
  const { start } = cursor.token
  const family = familyOf(cursor)
  const tableName = cursor.name()
  const chainName = cursor.name()
  const table = loading.tables.find(family, tableName)
  const chain = table?.chains.get(chainName)
  if (table === undefined || chain === undefined) {
    cursor.skip()
    return loading.problem(cursor, start, `a rule of the chain ${chainName}, which is not in this file`)
  }
  if (cursor.is('handle', 'position')) cursor.fail('a rule beside one that is named by its handle, which the kernel alone knows')
  const index = cursor.take('index') ? cursor.number() : undefined
  const rule = readRule(cursor, loading, table, chainName)
  if (index !== undefined) chain.rules = rulesOf(chain).toSpliced(first ? index : index + 1, 0, rule)
  else if (first) chain.before.push(rule)
  else chain.rules.push(rule)
}

function remove(cursor: Cursor, loading: Loading): void {
  if (cursor.take('table')) {
    const family = familyOf(cursor)
    if (cursor.is('handle')) cursor.fail('a table named by its handle')
    return loading.tables.delete(family, cursor.name())
  }
  if (cursor.is('rule')) cursor.fail('a rule that is deleted by its handle, which the kernel alone knows')
  if (cursor.take('chain')) {
    const table = tableOf(cursor, loading)
    table.chains.delete(cursor.name())
    if (cursor.take('{')) cursor.fail('a hook that is taken from a chain')
    return
  }
  if (cursor.take('element')) {
    const object = setOf(cursor, tableOf(cursor, loading))
    readElementList(cursor)
    // Parts of intervals can be taken out: what is left is not followed.
    object.torn = true
    return
  }
  const kind = readKind(cursor)
  if (kind === undefined) cursor.fail()
  const table = tableOf(cursor, loading)
  table.objects.delete(keyOf(kind, cursor.name()))
}

function flush(cursor: Cursor, loading: Loading): void {
  if (cursor.take('ruleset')) {
    const family = cursor.token.kind === 'word' && FAMILIES.has(cursor.token.text) ? cursor.next().text : undefined
    return loading.tables.clear(family)
  }
  if (cursor.take('table')) {
    for (const chain of tableOf(cursor, loading).chains.values()) empty(chain)
    return
  }
  if (cursor.take('chain')) {
    const chain = tableOf(cursor, loading).chains.get(cursor.name())
    if (chain !== undefined) empty(chain)
    return
  }
  if (!cursor.take('set', 'map', 'meter')) cursor.fail()
  const table = tableOf(cursor, loading)
  const object = table.objects.get(cursor.name())
  if (object !== undefined) object.elements.length = 0
}
