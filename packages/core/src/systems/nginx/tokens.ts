import { endOfLua } from './lua.ts'

/** One word of a directive, as nginx sees it: quotes taken off, escapes put in. `start` to `end` (exclusive) is what is written, quotes included. */
export interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

export type Token =
  | { readonly kind: 'word'; readonly word: Word }
  | { readonly kind: ';' | '{' | '}'; readonly start: number }
  | { readonly kind: 'end'; readonly start: number }
  /** nginx stops here and refuses the file; reading goes on so that the rest is seen as well. */
  | { readonly kind: 'problem'; readonly what: string; readonly start: number; readonly end: number }

/** nginx reads through a buffer of this size and refuses a longer word (NGX_CONF_BUFFER, src/core/ngx_conf_file.c). In UTF-16 units here, so never stricter than nginx. */
export const LONGEST_WORD = 4096

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\\': '\\', t: '\t', r: '\r', n: '\n' }

/**
 * The words of an nginx configuration, after `ngx_conf_read_token` (src/core/ngx_conf_file.c): blanks separate, `#` begins a
 * comment only where a word could begin, `;` and `{` end an unquoted word but `${` does not, `}` does not, a quote is one
 * only at the start of a word, and what follows a closing quote has to be a blank, `;`, `{` or `)`.
 */
export class Scanner {
  readonly #content: string
  #at: number
  #afterQuote = false

  constructor(content: string) {
    this.#content = content
    // nginx takes a byte order mark for a part of the first word; nobody means that.
    this.#at = content.startsWith('\ufeff') ? 1 : 0
  }

  get offset(): number {
    return this.#at
  }

  next(): Token {
    if (this.#afterQuote) {
      this.#afterQuote = false
      const found = this.#content[this.#at]
      if (found !== undefined && !isBlank(found) && found !== ';' && found !== '{' && found !== ')') {
        return { kind: 'problem', what: `"${found}" directly after a closing quote`, start: this.#at, end: this.#at + 1 }
      }
    }
    this.#skipBlanks()
    const start = this.#at
    const character = this.#content[start]
    if (character === undefined) return { kind: 'end', start }
    if (character === ';' || character === '{' || character === '}') {
      this.#at++
      return { kind: character, start }
    }
    if (character === '"' || character === "'") return this.#quoted(character)
    return this.#bare()
  }

  /** After the `{` of a directive whose body is Lua: goes behind the matching `}`. False where there is none. */
  skipLua(): boolean {
    const end = endOfLua(this.#content, this.#at)
    this.#at = end ?? this.#content.length
    return end !== undefined
  }

  #skipBlanks(): void {
    for (;;) {
      const character = this.#content[this.#at]
      if (character === '#') {
        const end = this.#content.indexOf('\n', this.#at)
        this.#at = end < 0 ? this.#content.length : end + 1
      } else if (character !== undefined && isBlank(character)) this.#at++
      else return
    }
  }

  #quoted(quote: string): Token {
    const start = this.#at++
    for (; this.#at < this.#content.length; this.#at++) {
      const character = this.#content[this.#at]
      if (character === '\\') this.#at++
      else if (character === quote) {
        this.#at++
        this.#afterQuote = true
        return this.#word(start, start + 1, this.#at - 1)
      }
    }
    this.#at = this.#content.length
    return { kind: 'problem', what: `a quote (${quote}) that is never closed`, start, end: this.#content.length }
  }

  #bare(): Token {
    const start = this.#at
    let variable = false
    for (; this.#at < this.#content.length; this.#at++) {
      const character = this.#content[this.#at] ?? ''
      if (character === '{' && variable) continue
      variable = character === '$'
      if (character === '\\') this.#at++
      else if (isBlank(character) || character === ';' || character === '{') break
    }
    this.#at = Math.min(this.#at, this.#content.length)
    return this.#word(start, start, this.#at)
  }

  #word(start: number, from: number, to: number): Token {
    const end = this.#at
    if (to - from > LONGEST_WORD) {
      return { kind: 'problem', what: `a word of ${to - from} characters (nginx takes ${LONGEST_WORD})`, start, end }
    }
    return { kind: 'word', word: { text: unescape(this.#content.slice(from, to)), start, end } }
  }
}

function unescape(text: string): string {
  return text.includes('\\') ? text.replace(/\\([^])/g, (whole, character: string) => ESCAPES[character] ?? whole) : text
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n'
}
