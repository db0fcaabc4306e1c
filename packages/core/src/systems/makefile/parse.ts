import type { Text } from '../../evidence/index.ts'

/** What is kept of one file; the rest of a longer one is left out. */
const LINES = 20_000
const RULES = 2_000

/** A variable as it is set: `default` (`?=`) where the environment does not. */
export interface MakeVariable {
  readonly name: string
  readonly text: string
  readonly kind: 'set' | 'default' | 'more'
  readonly exported: boolean
  /** Where its line stands. */
  readonly start: number
  readonly end: number
}

/** One command line of a recipe, continued lines included: from behind the tab and its signs to its end. */
export interface RecipeLine {
  readonly start: number
  readonly end: number
}

export interface Rule {
  readonly targets: readonly string[]
  readonly needs: readonly string[]
  readonly lines: readonly RecipeLine[]
}

export interface Makefile {
  readonly rules: readonly Rule[]
  readonly variables: readonly MakeVariable[]
  /** Of one target: `run: HOST = 0.0.0.0`. */
  readonly own: readonly { readonly target: string; readonly variable: MakeVariable }[]
  readonly includes: readonly string[]
  /** `export` alone: every variable goes to the recipes. */
  readonly exportsAll: boolean
}

const ASSIGNMENT = /^(?:(override|export|private)\s+){0,3}([A-Za-z_][\w.-]{0,100})\s*(\?=|\+=|:{0,3}=|!=)\s*(.*)$/s
const DIRECTIVE = /^(?:if(?:n?eq|n?def)|else|endif|unexport|vpath|undefine|load|-load)\b/
const KNOWN = new WeakMap<Text, Makefile>()

/** Rules, recipes and variables of a makefile (GNU make manual, 3.1 What Makefiles Contain). Both branches of a condition are taken. */
export function parseMakefile(text: Text): Makefile {
  const before = KNOWN.get(text)
  if (before !== undefined) return before
  const found = new Parser(text).parse()
  KNOWN.set(text, found)
  return found
}

interface Logical {
  readonly start: number
  readonly end: number
  readonly isRecipe: boolean
}

class Parser {
  readonly #content: string
  readonly #rules: { targets: readonly string[]; needs: readonly string[]; lines: RecipeLine[] }[] = []
  readonly #variables: MakeVariable[] = []
  readonly #own: { target: string; variable: MakeVariable }[] = []
  readonly #includes: string[] = []
  #exportsAll = false
  /** Inside `define`, whose lines are a variable's text. */
  #defining = false

  constructor(text: Text) {
    this.#content = text.content
  }

  parse(): Makefile {
    for (const line of this.#logicalLines()) this.#line(line)
    return { rules: this.#rules, variables: this.#variables, own: this.#own, includes: this.#includes, exportsAll: this.#exportsAll }
  }

  *#logicalLines(): Generator<Logical> {
    const content = this.#content
    let count = 0
    for (let start = 0; start < content.length && count < LINES; count++) {
      let end = this.#lineEnd(start)
      const isRecipe = content[start] === '\t'
      while (end < content.length && isContinued(content, start, end)) end = this.#lineEnd(end + 1)
      yield { start, end, isRecipe }
      start = end + 1
    }
  }

  #lineEnd(from: number): number {
    const end = this.#content.indexOf('\n', from)
    return end < 0 ? this.#content.length : end
  }

  #line({ start, end, isRecipe }: Logical): void {
    const text = this.#content.slice(start, end)
    if (this.#defining || /^ *define\b/.test(text)) {
      this.#defining = !/^\s*endef\b/.test(text)
      return
    }
    if (isRecipe && this.#rules.length > 0) {
      this.#recipe(start, end)
      return
    }
    const plain = withoutComment(text)
      .replace(/\\\r?\n\s*/g, ' ')
      .trim()
    if (plain === '' || DIRECTIVE.test(plain)) return
    const included = /^(?:-|s)?include\s+(.*)$/.exec(plain)?.[1]
    if (included !== undefined) this.#includes.push(...included.split(/\s+/))
    else if (plain === 'export') this.#exportsAll = true
    else this.#assignmentOrRule(plain, { start, end }, start + Math.max(text.indexOf(';'), 0))
  }

  #assignmentOrRule(plain: string, place: RecipeLine, behind: number): void {
    const variable = assignment(plain, place)
    if (variable !== undefined) {
      this.#variables.push(variable)
      return
    }
    const exported = /^export\s+(.*)$/.exec(plain)?.[1]
    if (exported !== undefined) {
      for (const name of exported.split(/\s+/)) this.#variables.push({ name, text: '', kind: 'more', exported: true, ...place })
      return
    }
    const [, names = '', rest = ''] = /^([^:=#]{1,2000}?)\s*::?(?!=)(.*)$/s.exec(plain) ?? []
    const targets = names.split(/\s+/).filter((name) => name !== '')
    if (targets.length === 0 || this.#rules.length >= RULES) return
    const own = assignment(rest.trim(), place)
    if (own !== undefined) {
      for (const target of targets) this.#own.push({ target, variable: own })
      return
    }
    const [needs = '', recipe] = rest.split(';', 2)
    this.#rules.push({ targets, needs: needs.split(/\s+/).filter((name) => name !== '' && name !== '|'), lines: [] })
    if (recipe !== undefined) this.#recipe(behind + 1, place.end)
  }

  /** `@` says nothing of itself, `-` goes on after an error, `+` runs even where nothing is to be run (5.2, 5.5, 9.3). */
  #recipe(start: number, end: number): void {
    let from = start
    while (from < end && /[\s@+-]/.test(this.#content.charAt(from))) from++
    if (from < end && this.#content[from] !== '#') this.#rules.at(-1)?.lines.push({ start: from, end })
  }
}

function isContinued(content: string, start: number, end: number): boolean {
  let at = content[end - 1] === '\r' ? end - 2 : end - 1
  let count = 0
  for (; at >= start && content[at] === '\\'; at--) count++
  return count % 2 === 1
}

function withoutComment(text: string): string {
  const hash = text.search(/(?<!\\)#/)
  return hash < 0 ? text : text.slice(0, hash)
}

function assignment(plain: string, { start, end }: RecipeLine): MakeVariable | undefined {
  const [, , name, operator, text = ''] = ASSIGNMENT.exec(plain) ?? []
  if (name === undefined) return undefined
  const kind = operator === '?=' ? 'default' : operator === '+=' ? 'more' : 'set'
  return {
    name,
    text: operator === '!=' ? '$(shell )' : text.trim(),
    kind,
    exported: /^(?:override\s+|private\s+)*export\b/.test(plain),
    start,
    end,
  }
}
