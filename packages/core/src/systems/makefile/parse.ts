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
  /** Within `ifeq` … `endif`: it may be set otherwise, or not at all. */
  readonly isConditional: boolean
  /** Where its line stands. */
  readonly source: Text
  readonly start: number
  readonly end: number
}

/** One command line of a recipe, continued lines included: from behind the tab and its signs to its end. */
export interface RecipeLine {
  readonly start: number
  readonly end: number
}

export interface Rule {
  readonly source: Text
  readonly targets: readonly string[]
  readonly needs: readonly string[]
  readonly lines: readonly RecipeLine[]
}

export interface Makefile {
  readonly rules: readonly Rule[]
  readonly variables: readonly MakeVariable[]
  /** Of one target: `run: HOST = 0.0.0.0`. */
  readonly own: readonly { readonly target: string; readonly variable: MakeVariable }[]
  readonly includes: readonly Include[]
  /** `export` alone, `.EXPORT_ALL_VARIABLES:`: every variable goes to the recipes. */
  readonly exportsAll: boolean
  /** `.ONESHELL:`: the lines of a recipe are one script. */
  readonly oneShell: boolean
}

/** `include path`, `-include path`. */
export interface Include {
  /** As it is written: with variables, patterns of the shell. */
  readonly path: string
  /** Whether make goes on where the file is not there. */
  readonly isOptional: boolean
  /** How many of the file's variables are set before it. */
  readonly behind: number
  readonly start: number
  readonly end: number
}

const ASSIGNMENT = /^(?:(override|export|private)\s+){0,3}([A-Za-z_][\w.-]{0,100})\s*(\?=|\+=|:{0,3}=|!=)\s*(.*)$/s
const DIRECTIVE = /^(?:else|unexport|vpath|undefine|load|-load)\b/
/** What a definition of several lines may hold. */
const DEFINED = 1 << 14
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
  readonly #source: Text
  readonly #content: string
  readonly #rules: (Rule & { readonly lines: RecipeLine[] })[] = []
  readonly #variables: MakeVariable[] = []
  readonly #own: { target: string; variable: MakeVariable }[] = []
  readonly #includes: Include[] = []
  #exportsAll = false
  #oneShell = false
  /** How many conditions are open. */
  #conditions = 0
  /** Inside `define`, whose lines are a variable's text. */
  #defining: { readonly name: string; readonly start: number; text: string } | undefined

  constructor(text: Text) {
    this.#source = text
    this.#content = text.content
  }

  parse(): Makefile {
    for (const line of this.#logicalLines()) this.#line(line)
    return {
      rules: this.#rules,
      variables: this.#variables,
      own: this.#own,
      includes: this.#includes,
      exportsAll: this.#exportsAll,
      oneShell: this.#oneShell,
    }
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
    if (this.#defining !== undefined) return this.#define(text, end)
    const defined = /^ *(?:override\s+|export\s+)*define\s+([\w.-]{1,100})/.exec(text)?.[1]
    if (defined !== undefined) {
      this.#defining = { name: defined, start, text: '' }
      return
    }
    if (isRecipe && this.#rules.length > 0) {
      this.#recipe(start, end)
      return
    }
    const plain = withoutComment(text)
      .replace(/\\\r?\n\s*/g, ' ')
      .trim()
    if (plain === '' || this.#condition(plain) || DIRECTIVE.test(plain)) return
    const [, sign, included] = /^(-|s)?include\s+(.*)$/.exec(plain) ?? []
    if (included !== undefined)
      for (const path of included.split(/\s+/))
        this.#includes.push({ path, isOptional: sign !== undefined, behind: this.#variables.length, start, end })
    else if (plain === 'export') this.#exportsAll = true
    else this.#assignmentOrRule(plain, { start, end }, start + Math.max(text.indexOf(';'), 0))
  }

  #condition(plain: string): boolean {
    if (/^if(?:n?eq|n?def)\b/.test(plain)) this.#conditions++
    else if (/^endif\b/.test(plain)) this.#conditions = Math.max(0, this.#conditions - 1)
    else return false
    return true
  }

  /** A line of a definition: of a recipe's lines, what they are without make's own signs. */
  #define(text: string, end: number): void {
    const defining = this.#defining
    if (defining === undefined) return
    if (!/^\s*endef\b/.test(text)) {
      if (defining.text.length < DEFINED) defining.text += `${text.replace(/^[\s@+-]+/, '')}\n`
      return
    }
    this.#defining = undefined
    this.#variables.push({
      ...this.#placed(defining.start, end),
      name: defining.name,
      text: defining.text.trimEnd(),
      kind: 'set',
      exported: false,
    })
  }

  #placed(start: number, end: number): Pick<MakeVariable, 'source' | 'isConditional' | 'start' | 'end'> {
    return { source: this.#source, isConditional: this.#conditions > 0, start, end }
  }

  #assignmentOrRule(plain: string, place: RecipeLine, behind: number): void {
    const placed = this.#placed(place.start, place.end)
    const variable = assignment(plain, placed)
    if (variable !== undefined) {
      this.#variables.push(variable)
      return
    }
    const exported = /^export\s+(.*)$/.exec(plain)?.[1]
    if (exported !== undefined) {
      for (const name of exported.split(/\s+/)) this.#variables.push({ ...placed, name, text: '', kind: 'more', exported: true })
      return
    }
    const sign = plain.search(/[:=#]/)
    const rest = sign < 0 ? undefined : /^::?(?!=)(.*)$/s.exec(plain.slice(sign))?.[1]
    if (rest === undefined) return
    const targets = [...new Set(namesOf(plain.slice(0, sign)))]
    if (targets.length === 0 || this.#rules.length >= RULES) return
    if (targets.includes('.EXPORT_ALL_VARIABLES')) this.#exportsAll = true
    if (targets.includes('.ONESHELL')) this.#oneShell = true
    const own = assignment(rest.trim(), placed)
    if (own !== undefined) {
      for (const target of targets) this.#own.push({ target, variable: own })
      return
    }
    const [needs = '', recipe] = rest.split(';', 2)
    this.#rules.push({ source: this.#source, targets, needs: namesOf(needs).filter((name) => name !== '|'), lines: [] })
    if (recipe !== undefined) this.#recipe(behind + 1, place.end)
  }

  /** `@` says nothing of itself, `-` goes on after an error, `+` runs even where nothing is to be run (5.2, 5.5, 9.3). */
  #recipe(start: number, end: number): void {
    let from = start
    while (from < end && /[\s@+-]/.test(this.#content.charAt(from))) from++
    if (from < end && this.#content[from] !== '#') this.#rules.at(-1)?.lines.push({ start: from, end })
  }
}

function namesOf(words: string): readonly string[] {
  return words.split(/\s+/).filter((name) => name !== '')
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

function assignment(plain: string, placed: Pick<MakeVariable, 'source' | 'isConditional' | 'start' | 'end'>): MakeVariable | undefined {
  const [, , name, operator, text = ''] = ASSIGNMENT.exec(plain) ?? []
  if (name === undefined) return undefined
  const kind = operator === '?=' ? 'default' : operator === '+=' ? 'more' : 'set'
  return {
    ...placed,
    name,
    text: operator === '!=' ? '$(shell )' : text.trim(),
    kind,
    exported: /^(?:override\s+|private\s+)*export\b/.test(plain),
  }
}
