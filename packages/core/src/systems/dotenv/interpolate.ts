import { ABSENT, joinValues, type FileOrigin, type Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { withFallback } from '../shell/expand.ts'

/** How deep defaults may stand in defaults. */
const DEPTH = 20

/** Problems that are kept of one text. */
const PROBLEMS = 20

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const OPERATOR = /:?[-+?]/y

export interface Interpolation {
  readonly value: Value
  readonly problems: readonly { readonly reason: string; readonly origin: FileOrigin }[]
}

/** What a variable stands for; `undefined`: it is not set. */
export type Lookup = (name: string, origin: FileOrigin) => Value | undefined

/**
 * Puts variables into a text as compose and its `.env` files do (compose-spec, 12-interpolation.md; compose-go
 * template/template.go): `$NAME`, `${NAME}` with `:-` `-` `:?` `?` `:+` `+`, defaults in defaults, `$$` for a dollar. Only ASCII
 * names count. A variable that is not set and has no default becomes what `unset` gives. What is no reference stays as it is, and is reported where compose refuses it.
 */
export function interpolate(
  passage: Passage,
  lookup: Lookup,
  unset: (name: string, origin: FileOrigin) => Value = () => ABSENT,
): Interpolation {
  const reader = new Interpolator(passage, lookup, unset)
  return { value: reader.read(), problems: reader.problems }
}

class Interpolator {
  readonly #passage: Passage
  readonly #content: string
  readonly #lookup: Lookup
  readonly #unset: (name: string, origin: FileOrigin) => Value
  readonly problems: { reason: string; origin: FileOrigin }[] = []
  #at = 0

  constructor(passage: Passage, lookup: Lookup, unset: (name: string, origin: FileOrigin) => Value) {
    this.#unset = unset
    this.#passage = passage
    this.#content = passage.content
    this.#lookup = lookup
  }

  read(): Value {
    return joinValues(this.#parts(0), this.#passage.origin(0, this.#content.length))
  }

  /** Up to the end, or inside braces to the one that closes them, which is not taken. */
  #parts(depth: number): readonly Value[] {
    const parts: Value[] = []
    let start = this.#at
    const finish = (end: number): void => {
      if (end > start) parts.push({ kind: 'known', value: this.#content.slice(start, end), origin: this.#passage.origin(start, end) })
    }
    while (this.#at < this.#content.length) {
      const character = this.#content[this.#at]
      if (character === '}' && depth > 0) break
      if (character !== '$') {
        this.#at++
        continue
      }
      finish(this.#at)
      const dollar = this.#at
      if (this.#content[dollar + 1] === '$') {
        this.#at += 2
        parts.push({ kind: 'known', value: '$', origin: this.#passage.origin(dollar, this.#at) })
      } else {
        const value = this.#reference(depth)
        if (value === undefined) {
          this.#at = dollar + 1
          parts.push({ kind: 'known', value: '$', origin: this.#passage.origin(dollar, dollar + 1) })
        } else parts.push(value)
      }
      start = this.#at
    }
    finish(this.#at)
    return parts
  }

  #reference(depth: number): Value | undefined {
    const dollar = this.#at
    const braced = this.#content[dollar + 1] === '{'
    const name = this.#match(NAME, dollar + (braced ? 2 : 1))
    if (name === undefined) {
      // A dollar before a blank or at the end stands for itself in most texts; compose refuses all of them.
      if (this.problems.length < PROBLEMS)
        this.problems.push({ reason: 'a `$` that begins no variable', origin: this.#passage.origin(dollar, dollar + 1) })
      return undefined
    }
    this.#at = dollar + (braced ? 2 : 1) + name.length
    if (!braced) {
      const origin = this.#passage.origin(dollar, this.#at)
      return this.#lookup(name, origin) ?? this.#unset(name, origin)
    }
    const operator = this.#match(OPERATOR, this.#at)
    this.#at += operator?.length ?? 0
    if (depth >= DEPTH) {
      this.#at = this.#content.length
      const origin = this.#passage.origin(dollar, dollar + 2)
      this.problems.push({ reason: 'defaults in defaults too deeply', origin })
      return { kind: 'unknown', reason: 'defaults in defaults too deeply', origin }
    }
    const from = this.#at
    const operand = operator === undefined ? undefined : joinValues(this.#parts(depth + 1), this.#passage.origin(from, from))
    if (this.#content[this.#at] !== '}') {
      // All behind it was read as its default: it stands as it is.
      this.problems.push({ reason: 'a `${` that is not closed', origin: this.#passage.origin(dollar, dollar + 2) })
      const text = this.#content.slice(dollar, this.#at)
      return { kind: 'known', value: text, origin: this.#passage.origin(dollar, this.#at) }
    }
    this.#at++
    return this.#operated(name, operator, operand, this.#passage.origin(dollar, this.#at))
  }

  #match(pattern: RegExp, at: number): string | undefined {
    pattern.lastIndex = at
    return pattern.exec(this.#content)?.[0]
  }

  #operated(name: string, operator: string | undefined, operand: Value | undefined, origin: FileOrigin): Value {
    const value = this.#lookup(name, origin)
    if (operator === undefined || operand === undefined) return value ?? this.#unset(name, origin)
    const emptyCounts = operator.startsWith(':')
    switch (operator.at(-1)) {
      case '-':
        return withFallback(value ?? ABSENT, operand, emptyCounts)
      case '?':
        return withFallback(value ?? ABSENT, { kind: 'unknown', reason: `${name} has to be set`, origin }, emptyCounts)
      default: {
        const empty: Value = { kind: 'known', value: '', origin }
        if (value === undefined || value.kind === 'absent' || (value.kind === 'known' && value.value === '' && emptyCounts)) return empty
        return value.kind === 'known' ? operand : { kind: 'choice', options: [operand, empty], origin }
      }
    }
  }
}
