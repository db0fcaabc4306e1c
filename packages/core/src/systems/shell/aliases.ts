import { knownText, type Value } from '../../evidence/index.ts'
import { type Passage, PassageBuilder } from '../passage.ts'
import { written } from './sourcing.ts'
import type { CommandNode } from './syntax.ts'

/** Aliases of one script, and commands in which they are put in. */
const NAMES = 100
const EXPANSIONS = 500
/** The longest command, and alias, that is put together, in UTF-16 code units. */
const LONGEST = 4096

/** What a script has other words stand for (XCU §2.3.1). */
export class Aliases {
  readonly #texts = new Map<string, string>()
  /** bash(1), ALIASES: a script expands none unless it says so; every other shell does. */
  #isExpanded: boolean
  /** Those that are being put in: none stands for itself again. */
  readonly #within = new Set<string>()
  #count = 0

  constructor(script: Passage) {
    this.#isExpanded = !/^#![^\n]{0,64}\bbash\b/.test(script.content)
  }

  /** `alias NAME=TEXT…`. */
  define(values: readonly Value[]): void {
    for (const value of values) {
      const [, name = '', is = ''] = /^([\w.:-]{1,100})=(.*)$/s.exec(written(value)) ?? []
      if (name !== '' && is.length <= LONGEST && this.#texts.size < NAMES) this.#texts.set(name, is)
    }
  }

  /** `shopt -s expand_aliases`. */
  allow(values: readonly Value[]): void {
    if (values.some((value) => knownText(value) === 'expand_aliases')) this.#isExpanded = knownText(values[0]) === '-s'
  }

  /** Follows a command with what its first word stands for in that word's place. `false`: it stands for itself. */
  follow(node: CommandNode, passage: Passage, read: (script: Passage) => void): boolean {
    const [word] = node.words
    const [part, other] = word?.parts ?? []
    // What a here-document says stands behind the command.
    if (node.input?.kind === 'document') return false
    if (!this.#isExpanded || word === undefined || part?.kind !== 'text' || part.quoted || other !== undefined) return false
    const is = this.#within.has(part.text) ? undefined : this.#texts.get(part.text)
    if (is === undefined || node.end - node.start > LONGEST || ++this.#count > EXPANSIONS) return false
    const builder = new PassageBuilder(passage)
    builder.copy(node.start, word.start)
    builder.replace(is, word.start, word.end)
    builder.copy(word.end, node.end)
    this.#within.add(part.text)
    read(builder.build())
    this.#within.delete(part.text)
    return true
  }
}
