import type { FileOrigin, Text } from '../../evidence/index.ts'
import type { Family } from '../../network/index.ts'
import { agrees, isTuple, readTuple, type Tuple, tupleText } from './tuple.ts'

/** One line of what the packet filter is given, with where it stands; `ufw` itself gives those without a place. */
export interface LoadedLine {
  readonly text: string
  readonly origin: FileOrigin | undefined
  /** The user's own words for the rule. */
  readonly rule: string | undefined
}

export interface LoadProblem {
  readonly what: string
  readonly origin: FileOrigin
  /** False where the filter is as it should be and only what ufw says of it is not. */
  readonly affects: boolean
}

/** Built-in chains keep their rules when a file names them; those of the user are emptied (iptables-restore --noflush). */
const BUILT_IN: ReadonlySet<string> = new Set(['INPUT', 'FORWARD', 'OUTPUT', 'PREROUTING', 'POSTROUTING'])

/**
 * The tables of one family as a sequence of `iptables-restore --noflush` runs leaves them, in the form of one `iptables-save`: each
 * table once, its lines in the order in which they take effect.
 */
export class LoadedTables {
  readonly family: Family
  readonly problems: LoadProblem[] = []
  readonly #tables = new Map<string, { readonly lines: LoadedLine[]; readonly chains: Set<string> }>()

  constructor(family: Family) {
    this.family = family
  }

  /** Lines of ufw's own, all of the filter table. `origin`: the setting that they follow from. */
  add(lines: readonly string[], origin?: FileOrigin): void {
    for (const text of lines) this.#line('filter', { text, origin, rule: undefined })
  }

  /** A `.rules` file. A table that does not end with COMMIT is not loaded. */
  restore(text: Text): void {
    let table: { readonly name: string; readonly origin: FileOrigin; readonly lines: LoadedLine[] } | undefined
    let tuple: Tuple | undefined
    for (let number = 1; number <= text.lineStarts.length; number++) {
      const line = text.line(number).trim()
      if (line === '') continue
      if (line.startsWith('#')) {
        // Any other heading (`### END RULES ###`) ends what belongs to a rule.
        if (line.startsWith('###')) tuple = this.#tuple(text, number, line)
      } else if (line.startsWith('*')) {
        if (table !== undefined) this.#unfinished(table)
        table = { name: line.slice(1).trim(), origin: text.lineOrigin(number), lines: [] }
      } else if (table === undefined) {
        this.problems.push({
          what: 'a line outside of any table: iptables-restore stops here',
          origin: text.lineOrigin(number),
          affects: true,
        })
      } else if (line === 'COMMIT') {
        for (const done of table.lines) this.#line(table.name, done)
        table = undefined
      } else table.lines.push({ text: line, origin: text.lineOrigin(number), rule: this.#words(tuple, line, text, number) })
    }
    if (table !== undefined) this.#unfinished(table)
  }

  /** All of it as one text, and what stands on each of its lines. */
  composed(): { readonly text: string; readonly lines: readonly (LoadedLine | undefined)[] } {
    const lines: (LoadedLine | undefined)[] = []
    const texts: string[] = []
    const put = (text: string, line?: LoadedLine): void => {
      texts.push(text)
      lines.push(line)
    }
    for (const [name, table] of this.#tables) {
      put(`*${name}`)
      for (const line of table.lines) put(line.text, line)
      put('COMMIT')
    }
    return { text: texts.join('\n'), lines }
  }

  #line(name: string, line: LoadedLine): void {
    const table = this.#tables.get(name) ?? { lines: [], chains: new Set<string>() }
    this.#tables.set(name, table)
    const chain = /^:(\S+)/.exec(line.text)?.[1]
    if (chain !== undefined && table.chains.has(chain) && !BUILT_IN.has(chain)) table.lines.push({ ...line, text: `-F ${chain}` })
    if (chain !== undefined) table.chains.add(chain)
    table.lines.push(line)
  }

  #tuple(text: Text, number: number, line: string): Tuple | undefined {
    if (!isTuple(line)) return undefined
    const tuple = readTuple(line)
    if (tuple === undefined)
      this.problems.push({
        what: 'ufw passes over this line: its own list lacks the rule',
        origin: text.lineOrigin(number),
        affects: false,
      })
    return tuple
  }

  #words(tuple: Tuple | undefined, line: string, text: Text, number: number): string | undefined {
    if (tuple === undefined) return undefined
    if (agrees(tuple, line)) return tupleText(tuple)
    const what = `not what ufw lists as "${tupleText(tuple)}": one was changed and the other was not`
    this.problems.push({ what, origin: text.lineOrigin(number), affects: false })
    return undefined
  }

  #unfinished(table: { readonly name: string; readonly origin: FileOrigin }): void {
    this.problems.push({
      what: `table ${table.name} does not end with COMMIT: iptables-restore loads nothing of it`,
      origin: table.origin,
      affects: true,
    })
  }
}
