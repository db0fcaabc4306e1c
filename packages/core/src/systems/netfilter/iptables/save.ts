import { type Chain, type Expression, type Origin, type Rule, show, type Table, Text, type Unread } from '../../../evidence/index.ts'
import { opaqueAction } from '../conditions.ts'
import { withExpected } from '../expected.ts'
import { ipsetReader } from '../ipset.ts'
import { ruleOrigin } from '../origin.ts'
import { type IptablesSource, type NetfilterGap, type NetfilterReading, tooLong } from '../reading.ts'
import { builtInChain } from './chains.ts'
import { readRuleWords } from './rule.ts'
import type { ValueContext } from './values.ts'
import { splitWords, type Word } from './words.ts'

/** As many problems as are told one by one. */
const MOST_GAPS = 20

interface OpenChain {
  readonly name: string
  policy: 'accept' | 'drop'
  readonly rules: OpenRule[]
}

interface OpenRule {
  readonly expressions: readonly Expression[]
  readonly line: string
  readonly number: number
}

interface OpenTable {
  readonly name: string
  readonly line: number
  readonly chains: Map<string, OpenChain>
}

/**
 * Reads what `iptables-save` and `ip6tables-save` print, of either back end, and files in that form (`/etc/iptables/rules.v4`, ufw's). A
 * rule that is not understood stands where it stood, undecided; a line that is not even a rule makes everything undecided, and is a gap.
 */
export function readIptablesSave(text: string, source: IptablesSource): NetfilterReading {
  return new SaveReader(text, source).read()
}

class SaveReader {
  readonly #source: IptablesSource
  readonly #text: Text
  readonly #tool: string
  readonly #context: ValueContext
  /** Rules give connections a helper. */
  readonly #helped: boolean
  readonly #tables: Table[] = []
  readonly #gaps: NetfilterGap[] = []
  readonly #unread: Unread[] = []
  readonly #incomplete = new Set<string>()
  #open: OpenTable | undefined
  #problems = 0

  constructor(text: string, source: IptablesSource) {
    this.#source = source
    this.#tool = source.family === 4 ? 'iptables' : 'ip6tables'
    this.#text = new Text(source.path ?? '', text)
    // A set that rules add to as packets pass holds more than was seen of it.
    const changing = new Set(Array.from(text.matchAll(/ --(?:add|del)-set (\S+)/g), (found) => found[1] ?? ''))
    this.#helped = / -j CT [^\n]*--helper /.test(text)
    const sets = ipsetReader(source.ipsets)
    this.#context = { family: source.family, ipset: (name, directions) => sets(name, directions, source.family, changing) }
  }

  read(): NetfilterReading {
    const { content } = this.#text
    const limit = tooLong(content)
    if (limit !== undefined) this.#problem(1, limit, 'limit')
    else {
      let number = 0
      for (const line of content.split(/\r\n|\n|\r/)) this.#line(line.trim(), ++number)
      if (this.#open !== undefined) {
        this.#problem(this.#open.line, `table ${this.#open.name} does not end with COMMIT: the rest is missing`)
        this.#close(this.#open)
      }
    }
    const ruleset = { tool: this.#tool, tables: this.#tables, unread: this.#unread }
    return { ruleset, gaps: this.#gaps, incomplete: [...this.#incomplete] }
  }

  #line(line: string, number: number): void {
    if (line === '') return
    if (line.startsWith('#')) return this.#comment(line)
    if (line.startsWith('*')) {
      if (this.#open !== undefined) {
        this.#problem(number, `table ${this.#open.name} does not end with COMMIT`)
        this.#close(this.#open)
      }
      this.#open = { name: line.slice(1).trim(), line: number, chains: new Map() }
      return
    }
    const table = this.#open
    if (table === undefined) return this.#problem(number, `outside of any table: ${line}`)
    if (line === 'COMMIT') {
      this.#open = undefined
      return this.#close(table)
    }
    if (line.startsWith(':')) return this.#chain(table, line, number)
    this.#command(table, line, number)
  }

  /** iptables-nft says so of tables that hold what only nft can print. */
  #comment(line: string): void {
    const table = /^# Table [`']([^']+)' (?:is incompatible|contains incompatible)/.exec(line)?.[1]
    if (table !== undefined) this.#incomplete.add(table)
  }

  /** `:INPUT DROP [0:0]`, `:my-chain - [0:0]`. */
  #chain(table: OpenTable, line: string, number: number): void {
    const found = /^:(\S+)\s+(ACCEPT|DROP|-)(?:\s|$)/.exec(line)
    if (found === null) return this.#problem(number, `not a chain: ${line}`)
    this.#chainOf(table, found[1] as string).policy = found[2] === 'DROP' ? 'drop' : 'accept'
  }

  #chainOf(table: OpenTable, name: string): OpenChain {
    let chain = table.chains.get(name)
    if (chain === undefined) {
      chain = { name, policy: 'accept', rules: [] }
      table.chains.set(name, chain)
    }
    return chain
  }

  #command(table: OpenTable, line: string, number: number): void {
    // Counters before the command (`iptables-save -c`).
    const words = splitWords(line.replace(/^\[[0-9]+:[0-9]+\]\s*/, ''))
    const [command, name] = [words[0]?.text, words[1]?.text]
    switch (command) {
      case '-A':
      case '--append':
        if (name === undefined) break
        return this.#add(table, name, words.slice(2), line, number, undefined)
      case '-I':
      case '--insert': {
        if (name === undefined) break
        const numbered = /^[0-9]{1,6}$/.test(words[2]?.text ?? '')
        const at = numbered ? Number(words[2]?.text) - 1 : 0
        return this.#add(table, name, words.slice(numbered ? 3 : 2), line, number, at)
      }
      case '-N':
      case '--new-chain':
        if (name === undefined) break
        this.#chainOf(table, name)
        return
      case '-P':
      case '--policy':
        if (name === undefined || !['ACCEPT', 'DROP'].includes(words[2]?.text ?? '')) break
        this.#chainOf(table, name).policy = words[2]?.text === 'DROP' ? 'drop' : 'accept'
        return
      case '-F':
      case '--flush':
        for (const chain of table.chains.values()) if (name === undefined || chain.name === name) chain.rules.length = 0
        return
      case '-X':
      case '--delete-chain':
      case '-Z':
      case '--zero':
        // Chains that nothing jumps to, counters: without effect on any packet.
        return
      default:
    }
    this.#problem(number, `not understood: ${line}`)
  }

  #add(table: OpenTable, name: string, words: readonly Word[], line: string, number: number, at: number | undefined): void {
    const { rules } = this.#chainOf(table, name)
    const read = readRuleWords(words, this.#context)
    const rule: OpenRule = { expressions: this.#helped ? withExpected(read) : read, line, number }
    if (at === undefined || at >= rules.length) rules.push(rule)
    else rules.splice(at, 0, rule)
  }

  #close(table: OpenTable): void {
    const closed = Array.from(table.chains.values(), (chain): readonly [string, Chain] => {
      const base = builtInChain(table.name, chain.name, chain.policy)
      const rules = chain.rules.map((rule, index) => this.#rule(table, chain.name, rule, index + 1))
      return [chain.name, { name: chain.name, ...(base === undefined ? {} : { base }), rules }]
    })
    const earlier = this.#tables.findIndex(({ name }) => name === table.name)
    if (earlier >= 0) {
      // No tool prints a table twice, and of two that are restored the second replaces the first (iptables-restore(8), without --noflush).
      this.#problem(table.line, `table ${table.name} is there twice`)
      this.#tables.splice(earlier, 1)
    }
    this.#tables.push({ family: this.#source.family === 4 ? 'ip' : 'ip6', name: table.name, chains: new Map(closed), dormant: false })
  }

  #rule(table: OpenTable, chain: string, { expressions, line, number }: OpenRule, index: number): Rule {
    const place = { tool: this.#tool, table: table.name, chain, index }
    const file = this.#source.path === undefined ? {} : { file: this.#text.lineOrigin(number) }
    return {
      // A jump to what is no chain of the table is a target that is not in our list.
      expressions: expressions.map((expression) =>
        (expression.kind === 'jump' || expression.kind === 'goto') && !table.chains.has(expression.chain)
          ? opaqueAction(`-j ${expression.chain}`)
          : expression,
      ),
      origin: ruleOrigin({ ...place, ...file }, () => line),
    }
  }

  /** Something that may be more than a rule: whatever it is, chains may be missing. */
  #problem(number: number, what: string, code: 'not-understood' | 'limit' = 'not-understood'): void {
    const { family, path } = this.#source
    this.#problems++
    if (this.#problems > MOST_GAPS) return
    const reason = show(`${this.#tool}: ${what}`)
    const line = this.#text.lineOrigin(number)
    const origin: Origin = path === undefined ? { kind: 'command', command: show(this.#toolCommand()), line: line.line } : line
    this.#unread.push({ families: [family], reason })
    this.#gaps.push({ gap: { claim: 'gap', code, what: reason, affects: { kind: 'netfilter', family } }, origin })
  }

  #toolCommand(): string {
    return `${this.#tool}-${this.#source.backend}-save`
  }
}
