/** One token, quotes taken off and escapes put in. `start` to `end` (exclusive) is what is written. */
export interface Token {
  readonly text: string
  readonly start: number
  readonly end: number
  /** 1-based line of its first character, lines that a backslash continues counted as one. */
  readonly line: number
  /** The line of its last character. */
  readonly lastLine: number
  /** In quotes of whatever kind: a brace in it is text. */
  readonly quoted: boolean
}

export interface LexProblem {
  readonly what: string
  readonly start: number
  readonly end: number
}

/** More tokens than any configuration has. */
const MOST_TOKENS = 200_000

/**
 * The tokens of a Caddyfile, after `lexer.next` (caddyconfig/caddyfile/lexer.go): blanks separate; `#` begins a comment where a token could
 * begin; a token that begins with `"` or a backtick goes to the next one, in `"` a backslash escapes `"` only; outside a backslash escapes
 * the end of the line, `"` and `<`; `<<NAME` begins a heredoc (since 2.7).
 */
export function tokensOf(content: string): { readonly tokens: readonly Token[]; readonly problems: readonly LexProblem[] } {
  const lexer = new Lexer(content)
  lexer.run()
  return lexer
}

class Lexer {
  readonly tokens: Token[] = []
  readonly problems: LexProblem[] = []
  readonly #content: string
  #at = 0
  #line = 1
  /** Line ends that a backslash took: they end no line. */
  #joined = 0

  constructor(content: string) {
    this.#content = content
    if (content.startsWith('\ufeff')) this.#at = 1
  }

  run(): void {
    for (;;) {
      const character = this.#content[this.#at]
      if (character === undefined) return
      if (this.tokens.length >= MOST_TOKENS) {
        this.problems.push({ what: `more than ${MOST_TOKENS} tokens, of which the rest is not read`, start: this.#at, end: this.#at })
        return
      }
      if (character === '\n') this.#newline()
      else if (isBlank(character)) this.#at++
      else if (character === '#') this.#comment()
      else if (character === '"' || character === '`') this.#quoted(character)
      else if (!this.#heredoc() && !this.#continued()) this.#bare()
    }
  }

  #newline(): void {
    this.#at++
    this.#line += 1 + this.#joined
    this.#joined = 0
  }

  #comment(): void {
    const end = this.#content.indexOf('\n', this.#at)
    this.#at = end < 0 ? this.#content.length : end
  }

  /** A backslash at the end of a line: what follows is of the same one. */
  #continued(): boolean {
    const [text] = /^\\\r?\n/.exec(this.#content.slice(this.#at, this.#at + 3)) ?? []
    if (text === undefined) return false
    this.#at += text.length
    this.#joined++
    return true
  }

  #push(text: string, start: number, line: number, quoted: boolean): void {
    this.tokens.push({ text, start, end: this.#at, line, lastLine: this.#line, quoted })
  }

  #quoted(quote: '"' | '`'): void {
    const start = this.#at
    const line = this.#line
    const pieces: string[] = []
    let from = ++this.#at
    for (; this.#at < this.#content.length; this.#at++) {
      const character = this.#content[this.#at]
      if (quote === '"' && character === '\\' && this.#content[this.#at + 1] === '"') {
        pieces.push(this.#content.slice(from, this.#at))
        from = ++this.#at
      } else if (character === quote) {
        pieces.push(this.#content.slice(from, this.#at))
        this.#at++
        this.#push(pieces.join(''), start, line, true)
        return
      } else if (character === '\n') this.#line++
    }
    this.problems.push({ what: `a quote (${quote}) that is never closed`, start, end: this.#content.length })
  }

  #bare(): void {
    const start = this.#at
    const pieces: string[] = []
    let from = start
    for (; this.#at < this.#content.length; this.#at++) {
      const character = this.#content[this.#at] ?? ''
      if (isBlank(character) || character === '\n') break
      if (character !== '\\') continue
      const next = this.#content[this.#at + 1]
      if (next === '\n' || (next === '\r' && this.#content[this.#at + 2] === '\n')) break
      if (next === '"' || next === '<') {
        pieces.push(this.#content.slice(from, this.#at))
        from = ++this.#at
      } else if (next === '\\') this.#at++
    }
    pieces.push(this.#content.slice(from, this.#at))
    this.#push(pieces.join(''), start, this.#line, false)
  }

  #heredoc(): boolean {
    const head = /^<<([A-Za-z0-9_-]{1,64})\r?\n/.exec(this.#content.slice(this.#at, this.#at + 70))
    if (head === null) return false
    const start = this.#at
    const line = this.#line
    const [whole, marker = ''] = head
    const end = this.#endOfHeredoc(start + whole.length, marker)
    if (end === undefined) {
      this.problems.push({ what: `a heredoc (${marker}) that is never closed`, start, end: start + whole.length })
      this.#at = this.#content.length
      return true
    }
    this.#line += count(this.#content, start, end.from)
    this.#at = end.to
    this.#push(this.#content.slice(start + whole.length, end.from), start, line, true)
    return true
  }

  /** The line that is its marker, indented or not; more may stand behind it. */
  #endOfHeredoc(from: number, marker: string): { readonly from: number; readonly to: number } | undefined {
    for (let at = from; at < this.#content.length; ) {
      let begin = at
      while (this.#content[begin] === ' ' || this.#content[begin] === '\t') begin++
      const to = begin + marker.length
      const after = this.#content[to]
      if (this.#content.startsWith(marker, begin) && (after === undefined || after === '\n' || isBlank(after))) return { from: begin, to }
      const next = this.#content.indexOf('\n', begin)
      if (next < 0) return undefined
      at = next + 1
    }
    return undefined
  }
}

function count(content: string, from: number, to: number): number {
  let lines = 0
  for (let at = content.indexOf('\n', from); at >= 0 && at < to; at = content.indexOf('\n', at + 1)) lines++
  return lines
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\v' || character === '\f' || character === '\u00a0'
}
