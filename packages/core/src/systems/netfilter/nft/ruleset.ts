import {
  type BaseChain,
  type Chain,
  type Expression,
  type FileOrigin,
  type GapCode,
  type Hook,
  type Origin,
  type Rule,
  show,
  type Shown,
  type Table,
  type TableFamily,
  type Unread,
} from '../../../evidence/index.ts'
import { FAMILIES } from '../../../network/index.ts'
import { entries, field, items, type Json, numberField, parseJson, textField } from '../../json.ts'
import { match, opaque, opaqueAction } from '../conditions.ts'
import { ruleOrigin } from '../origin.ts'
import { type NetfilterGap, type NetfilterReading, type NftSource, tooLong } from '../reading.ts'
import { type Changes, changesOf, expects } from './changes.ts'
import { strangeKey } from './keys.ts'
import type { NftObjects, NftSet } from './match.ts'
import { printRule } from './print.ts'
import { readRule } from './statements.ts'

const FAMILY_NAMES: ReadonlySet<string> = new Set<TableFamily>(['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'])
export const HOOKS: ReadonlySet<string> = new Set<Hook>(['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting', 'egress'])
export const CHAIN_TYPES: ReadonlySet<string> = new Set<BaseChain['type']>(['filter', 'nat', 'route'])

/** nft(8), TABLES. */
const TABLE_FLAGS: ReadonlySet<string> = new Set(['dormant', 'owner', 'persist'])

/** Objects that decide nothing by themselves; what rules say of them is in the rules. */
const SILENT: ReadonlySet<string> = new Set([
  'metainfo',
  'element',
  'counter',
  'flowtable',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'secmark',
  'synproxy',
])

/** As many problems as are told one by one. */
const MOST_GAPS = 20

interface OpenTable extends NftObjects {
  readonly family: TableFamily
  readonly name: string
  readonly dormant: boolean
  /** What is said of it and not understood: all its chains may do something else. */
  readonly strange: string | undefined
  readonly chains: Map<string, OpenChain>
  readonly sets: Map<string, NftSet>
  readonly maps: Map<string, readonly Json[]>
  readonly limits: Map<string, boolean>
}

interface OpenChain {
  readonly base: BaseChain | undefined
  readonly strange: string | undefined
  readonly rules: Json[]
}

/**
 * Reads what `nft -j list ruleset` prints (libnftables-json(5)). What is not understood within a rule stands there undecided; an object that
 * may be a chain, and a text that is not JSON, make everything undecided.
 */
export function readNftJson(text: string, source: NftSource = {}): NetfilterReading {
  const { path } = source
  const reader = new NftReader({ command: show(path === undefined ? 'nft -j list ruleset' : `nft -f ${path}`) })
  const limit = tooLong(text) ?? tooDeep(text)
  if (limit !== undefined) reader.lose(limit, 'limit')
  else {
    const objects = field(parseJson(text), 'nftables')
    if (Array.isArray(objects)) reader.read(items(objects as Json))
    else reader.lose('not the JSON that nft prints, or cut short')
  }
  return reader.reading()
}

/** Where a rule stands in a file, and as what. Made when it is asked for. */
export interface NftPlace {
  file(): FileOrigin
  text(): string
}

/** What was not understood on the way to the objects, so that rules or chains may be missing. */
export interface NftProblem {
  readonly what: string
  readonly code: GapCode
  readonly origin: Origin
}

/** Reads what was put into the form of `nft -j` from another one. `places`: of the bodies of rules. */
export function readNftObjects(
  objects: readonly Json[],
  places: ReadonlyMap<Json, NftPlace>,
  problems: readonly NftProblem[],
): NetfilterReading {
  const reader = new NftReader({ command: show('nft -f'), places })
  for (const { what, code, origin } of problems) reader.lose(what, code, origin)
  reader.read(objects)
  return reader.reading()
}

/** Far deeper than nft nests anything, and far from what a recursive reader cannot bear. */
const DEEPEST = 100

function tooDeep(text: string): string | undefined {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfText(text, at)
        break
      case OPEN_LIST:
      case OPEN_OBJECT:
        if (++depth > DEEPEST) return `nested deeper than ${DEEPEST}`
        break
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--
        break
      default:
    }
  }
  return undefined
}

const [QUOTE, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5b, 0x5d, 0x7b, 0x7d] as const

/** The index of the quote that ends a text of JSON, or of the end where none does. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text[end - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return end
  }
  return text.length
}

interface ObjectsSource {
  /** What gave the objects. */
  readonly command: Shown
  /** Absent: they come from the kernel, which has lost a little of what was loaded. */
  readonly places?: ReadonlyMap<Json, NftPlace>
}

class NftReader {
  readonly #source: ObjectsSource
  readonly #tables = new Map<string, OpenTable>()
  #expects = false
  readonly #gaps: NetfilterGap[] = []
  readonly #unread: Unread[] = []

  constructor(source: ObjectsSource) {
    this.#source = source
  }

  reading(): NetfilterReading {
    const tables = Array.from(this.#tables.values(), (table): Table => {
      const { family, name, dormant, chains } = table
      return {
        family,
        name,
        dormant,
        chains: new Map(Array.from(chains, ([chain, open]) => [chain, closed(table, chain, open, this.#source.places)])),
      }
    })
    return { ruleset: { tool: 'nft', tables, unread: this.#unread }, gaps: this.#gaps, incomplete: [] }
  }

  /** Rules refer to sets and chains, in whatever order they are printed. */
  read(objects: readonly Json[]): void {
    const kinds = new Map<string, Json[]>()
    for (const object of objects) {
      const [first, another] = entries(object)
      const [kind, body] = first ?? ['', null]
      if (another !== undefined) this.lose(`an object of the kinds ${kind} and ${another[0]}`)
      const bodies = kinds.get(kind)
      if (bodies === undefined) kinds.set(kind, [body])
      else bodies.push(body)
    }
    const of = (kind: string): readonly Json[] => {
      const bodies = kinds.get(kind) ?? []
      kinds.delete(kind)
      return bodies
    }
    const changes = changesOf(kinds.get('rule') ?? [])
    this.#expects = expects(kinds.get('rule') ?? [])
    for (const body of of('table')) this.#table(body)
    for (const body of of('set')) this.#set(body, changes)
    for (const body of of('map')) this.#map(body, changes)
    for (const kind of ['limit', 'quota'] as const) for (const body of of(kind)) if (strangeKey(kind, body) === undefined) this.#limit(body)
    for (const body of of('chain')) this.#chain(body)
    for (const body of of('rule')) this.#rule(body)
    for (const [kind, bodies] of kinds) {
      if (SILENT.has(kind)) continue
      // A kind of object that this reader has never heard of may decide packets if it says where it hangs.
      const decides = bodies.some((body) => field(body, 'hook') !== undefined || field(body, 'chain') !== undefined)
      const what = `an object of an unknown kind: ${kind}`
      if (decides) this.lose(what)
      else this.#gap(`nft: ${what}`, 'not-understood', 'nothing')
    }
  }

  /** Chains may be missing: whatever they are, nothing is decided without them. */
  lose(what: string, code: GapCode = 'not-understood', origin?: Origin): void {
    const reason = this.#gap(`nft: ${what}`, code, 'netfilter', origin)
    if (this.#unread.length < MOST_GAPS) this.#unread.push({ families: FAMILIES, reason })
  }

  #gap(what: string, code: GapCode, affects: 'netfilter' | 'nothing', place?: Origin): Shown {
    const shown = show(what)
    const origin: Origin = place ?? { kind: 'command', command: this.#source.command }
    if (this.#gaps.length < MOST_GAPS) this.#gaps.push({ gap: { claim: 'gap', code, what: shown, affects: { kind: affects } }, origin })
    return shown
  }

  #table(body: Json): void {
    const family = textField(body, 'family') ?? ''
    const name = textField(body, 'name')
    if (!FAMILY_NAMES.has(family) || name === undefined) return this.lose(`a table of family ${family}`)
    const flags = field(body, 'flags')
    const said = typeof flags === 'string' ? [flags] : items(flags)
    // nft 1.0.6 prints a letter that means nothing: such a table may be dormant, and then lets everything through.
    const unknown = said.find((flag) => typeof flag !== 'string' || !TABLE_FLAGS.has(flag))
    if (unknown !== undefined) this.lose(`whether the table ${family} ${name} is dormant: its flags are ${JSON.stringify(unknown)}`)
    const dormant = said.includes('dormant')
    this.#tables.set(`${family} ${name}`, {
      family: family as TableFamily,
      name,
      dormant,
      strange: strangeKey('table', body),
      chains: new Map(),
      sets: new Map(),
      maps: new Map(),
      limits: new Map(),
      expects: this.#expects,
    })
  }

  #tableOf(body: Json): OpenTable | undefined {
    return this.#tables.get(`${textField(body, 'family') ?? ''} ${textField(body, 'table') ?? ''}`)
  }

  #set(body: Json, changes: ReadonlyMap<string, Changes>): void {
    const table = this.#tableOf(body)
    const name = textField(body, 'name')
    if (table === undefined || name === undefined || strangeKey('set', body) !== undefined) return
    const changing = changes.get(`${table.family} ${table.name} @${name}`) ?? 'never'
    // A set that rules take elements out of may have any of them, or not.
    if (changing === 'shrinking') return
    const elements = items(field(body, 'elem'))
    table.sets.set(name, { elements, changing, full: elements.length >= (numberField(body, 'size') ?? Number.POSITIVE_INFINITY) })
  }

  #map(body: Json, changes: ReadonlyMap<string, Changes>): void {
    const table = this.#tableOf(body)
    const name = textField(body, 'name')
    if (
      table === undefined ||
      name === undefined ||
      strangeKey('map', body) !== undefined ||
      changes.has(`${table.family} ${table.name} @${name}`)
    )
      return
    table.maps.set(name, items(field(body, 'elem')))
  }

  #limit(body: Json): void {
    const name = textField(body, 'name')
    if (name !== undefined) this.#tableOf(body)?.limits.set(name, field(body, 'inv') === true)
  }

  #chain(body: Json): void {
    const table = this.#tableOf(body)
    const name = textField(body, 'name')
    const base = baseOf(body)
    if (table === undefined || name === undefined || base === 'unknown')
      return this.lose(`the chain ${name ?? '?'} hangs at a place that is not known`)
    table.chains.set(name, { base, strange: strangeKey('chain', body), rules: [] })
  }

  #rule(body: Json): void {
    const table = this.#tableOf(body)
    const name = textField(body, 'chain') ?? ''
    const chain = table?.chains.get(name)
    if (table === undefined || chain === undefined) return this.lose(`a rule of the chain ${name}, which was not printed`)
    chain.rules.push(body)
  }
}

/** Its rules are read when they are asked for: where iptables-save prints them too, they never are. */
function closed(
  table: OpenTable,
  name: string,
  { base, strange = table.strange, rules: bodies }: OpenChain,
  places: ReadonlyMap<Json, NftPlace> | undefined,
): Chain {
  let rules: readonly Rule[] | undefined
  return {
    name,
    ...(base === undefined ? {} : { base }),
    get rules() {
      rules ??= [
        ...(strange === undefined ? [] : [strangeRule(table, name, strange)]),
        ...bodies.map((body, index) => ruleOf(table, name, index + 1, body, places)),
      ]
      return rules
    },
  }
}

/** Stands before the rules of a chain of which more is said than is known. */
function strangeRule(table: OpenTable, chain: string, key: string): Rule {
  const text = `of the chain or its table, "${key}" is said, which is not understood`
  const place = { tool: 'nft', table: `${table.family} ${table.name}`, chain, index: 0 }
  return { expressions: [opaqueAction(text)], origin: ruleOrigin(place, () => text) }
}

/** A rule of which more is said than is known may not hold, and may do more than it says, with the packets that it asks for. */
function strangely(key: string, expressions: readonly Expression[]): readonly Expression[] {
  return [match(opaque(`a rule of which "${key}" is said`)), ...expressions, opaqueAction(`"${key}"`)]
}

function ruleOf(table: OpenTable, chain: string, index: number, body: Json, places: ReadonlyMap<Json, NftPlace> | undefined): Rule {
  const expressions = field(body, 'expr')
  const statements = items(expressions)
  const handle = numberField(body, 'handle')
  const place = { tool: 'nft', table: `${table.family} ${table.name}`, chain, index, ...(handle === undefined ? {} : { handle }) }
  const comment = textField(body, 'comment')
  const written = places?.get(body)
  const strange = strangeKey('rule', body)
  const lossy = places === undefined && table.family === 'inet'
  return {
    expressions: !Array.isArray(expressions)
      ? [opaqueAction(JSON.stringify(body))]
      : strange === undefined
        ? readRule(statements, lossy, table)
        : strangely(strange, readRule(statements, lossy, table)),
    origin:
      written === undefined
        ? ruleOrigin(place, () => printRule(statements, comment))
        : ruleOrigin({ ...place, file: written.file() }, () => written.text()),
  }
}

/** `undefined`: a chain of the user's own. `unknown`: it hangs somewhere that this reader does not know. */
function baseOf(body: Json): BaseChain | 'unknown' | undefined {
  const hook = textField(body, 'hook')
  if (hook === undefined) return undefined
  const type = textField(body, 'type') ?? ''
  const priority = numberField(body, 'prio')
  const policy = textField(body, 'policy') ?? 'accept'
  if (!HOOKS.has(hook) || !CHAIN_TYPES.has(type) || priority === undefined || (policy !== 'accept' && policy !== 'drop')) return 'unknown'
  const device = field(body, 'dev')
  const devices = (typeof device === 'string' ? [device] : items(device)).filter((one) => typeof one === 'string')
  return { hook: hook as Hook, type: type as BaseChain['type'], priority, policy, ...(devices.length === 0 ? {} : { devices }) }
}
