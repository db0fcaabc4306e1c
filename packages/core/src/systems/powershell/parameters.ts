import { CommandReader } from './commands.ts'
import { DOUBLE_QUOTES, SINGLE_QUOTES } from './characters.ts'
import type { Parameter } from './syntax.ts'

/** An attribute: unlike a type it has parentheses of its own. */
export const ATTRIBUTE_START = /\[\s{0,20}[A-Za-z_][\w.]{0,200}\s{0,20}\(/y
/** The longest text of an attribute that is looked at. */
const ATTRIBUTE = 2000

/** Reads `param (…)` and the parameters of functions (about_Functions_Advanced_Parameters). */
export abstract class ParameterReader extends CommandReader {
  readonly allParameters: Parameter[] = []

  /** The parameters at the beginning of a script or block; `undefined` where it has none of its own. */
  protected parameterBlock(): readonly Parameter[] | undefined {
    const before = this.position
    const problems = this.problems.length
    this.skipNewlines()
    while (this.match(ATTRIBUTE_START) !== undefined) {
      this.#bracketed()
      this.skipNewlines()
    }
    const head = this.match(/param\s{0,400}\(/iy)
    if (head === undefined) {
      this.position = before
      this.problems.length = problems
      return undefined
    }
    this.position += head.length
    return this.parameters(this.position - 1)
  }

  /** What stands between parentheses that are taken up to the opening one. */
  protected parameters(start: number): readonly Parameter[] {
    const parameters: Parameter[] = []
    for (;;) {
      this.skipNewlines()
      const attributes: string[] = []
      while (this.peek() === '[') {
        attributes.push(this.#bracketed())
        this.skipNewlines()
      }
      const from = this.position
      const name = this.match(/\$(?:\w{1,200}|\{[^}\r\n]{1,200}\})/y)
      if (name === undefined) break
      this.position += name.length
      const to = this.position
      this.skipNewlines()
      const hasValue = this.peek() === '='
      if (hasValue) {
        this.position++
        this.skipNewlines()
      }
      const value = hasValue ? this.item() : undefined
      const parameter: Parameter = {
        name: name.replace(/^\$\{?|\}$/g, ''),
        aliases: attributes.flatMap(aliasesOf),
        isSwitch: attributes.some((attribute) => /^\[\s*(?:system\.management\.automation\.)?switch(?:parameter)?\s*\]$/i.test(attribute)),
        takesRest: attributes.some((attribute) => /^\[\s*parameter\s*\([^]*valuefromremainingarguments(?!\s*=\s*\$false)/i.test(attribute)),
        ...(value === undefined ? {} : { value }),
        start: from,
        end: to,
      }
      parameters.push(parameter)
      this.allParameters.push(parameter)
      this.skipNewlines()
      if (this.peek() !== ',') break
      this.position++
    }
    this.take(')', start)
    return parameters
  }

  /** An attribute or type in brackets as it is written, inner brackets and strings gone over. */
  #bracketed(): string {
    const start = this.position
    this.skipBalanced()
    return this.content.slice(start, Math.min(this.position, start + ATTRIBUTE))
  }

  /** Goes over brackets and all that is in them, from the opening one on, without reading it. */
  protected skipBalanced(): void {
    let open = 0
    do {
      const character = this.peek()
      if (SINGLE_QUOTES.has(character)) this.#skipQuoted(SINGLE_QUOTES)
      else if (DOUBLE_QUOTES.has(character)) this.#skipQuoted(DOUBLE_QUOTES)
      else if (character === '#' || this.startsWith('<#')) this.skipBlanks()
      else {
        if (character === '[' || character === '(' || character === '{') open++
        if (character === ']' || character === ')' || character === '}') open--
        this.position += character === '`' ? 2 : 1
      }
    } while (open > 0 && this.position < this.end)
    this.position = Math.min(this.position, this.end)
  }

  #skipQuoted(quotes: ReadonlySet<string>): void {
    this.position++
    while (this.position < this.end && !quotes.has(this.peek())) this.position += this.peek() === '`' && quotes === DOUBLE_QUOTES ? 2 : 1
    this.position++
  }
}

/** The names in `[Alias('a', "b")]`. */
function aliasesOf(attribute: string): readonly string[] {
  if (!/^\[\s*alias\s*\(/i.test(attribute)) return []
  return [...attribute.matchAll(/['"]([\w-]{1,100})['"]/g)].flatMap((match) => match[1] ?? [])
}
