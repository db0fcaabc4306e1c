import type { Setting, Value } from './value.ts'

/** How a program takes its command line apart, as far as its code tells (argparse, click). */
export interface CommandLine {
  readonly options: readonly CommandLineOption[]
  /** The words that are no options, in their order. */
  readonly words: readonly CommandLineWord[]
  /** Names of commands: one of them may stand before the words. */
  readonly commands: readonly string[]
  /** `--ho` is `--host` where no other option begins so. */
  readonly abbreviations: boolean
  /** A word that begins so names a file of further arguments. */
  readonly fileMark?: string
}

export interface CommandLineOption {
  /** As they are written: `-H`, `--host`. */
  readonly names: readonly string[]
  /** `perhaps`: a word that is no option, where there is one; `many`: all of them. */
  readonly takes: 'nothing' | 'one' | 'perhaps' | 'many'
  /** Given again it is another value, and does not take the place of the first. */
  readonly collects: boolean
}

export interface CommandLineWord {
  readonly name: string
  readonly takes: 'one' | 'perhaps' | 'many'
}

/** One word of a command line. `text`: `undefined` where it is not known; `''` where it is a variable that nothing sets. */
export interface LineWord {
  readonly text: string | undefined
  readonly setting: Setting
}

/** What a command line gives a program. */
export interface LineReading {
  /** By the name of a word, and by every name of an option. */
  readonly given: ReadonlyMap<string, readonly Setting[]>
  /** A word that may be any option, or stand for several. */
  readonly unclear: Setting | undefined
}

/** Reads the words by the program's own options. Linear in the words for a given program. */
export function readLine(line: CommandLine, words: readonly LineWord[]): LineReading {
  const reader = new Reader(line, words)
  return { given: reader.given, unclear: reader.unclear }
}

/** A short option in front of others that take nothing: `-vH0.0.0.0`. */
const BUNDLED = 32

class Reader {
  readonly given = new Map<string, readonly Setting[]>()
  unclear: Setting | undefined
  readonly #line: CommandLine
  readonly #words: readonly LineWord[]
  #at = 0

  constructor(line: CommandLine, words: readonly LineWord[]) {
    this.#line = line
    this.#words = words
    this.#placed(this.#free())
  }

  /** The words that are no options; the options are read on the way. */
  #free(): readonly LineWord[] {
    const free: LineWord[] = []
    let ended = false
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at++]
      if (word === undefined) break
      const { text } = word
      // A variable that is not set is no word at all.
      if (text === '' && word.setting.value.kind !== 'known') continue
      if (ended) free.push(word)
      else if (text === '--') ended = true
      else if (text === undefined) {
        if (!this.#openOption(word)) this.unclear ??= word.setting
      } else if (isOption(text)) this.#option(text, word)
      else if (this.#line.fileMark !== undefined && text.startsWith(this.#line.fileMark)) this.unclear ??= word.setting
      else free.push(word)
    }
    return free
  }

  /** `--host=$HOST`: the name is known, the value is not. */
  #openOption({ setting: { value, origin } }: LineWord): boolean {
    const [first, ...rest] = value.kind === 'joined' ? value.parts : []
    const [, name, begin = ''] = first?.kind === 'known' ? (/^(-[^=]+)=(.*)$/s.exec(String(first.value)) ?? []) : []
    const option = name === undefined ? undefined : this.#named(name)
    if (option === undefined) return false
    const parts = [...(begin === '' ? [] : [{ kind: 'known', value: begin, origin } as const]), ...rest]
    const [only] = parts
    this.#put(option, [{ value: only !== undefined && parts.length === 1 ? only : { kind: 'joined', parts, origin }, origin }])
    return true
  }

  #option(text: string, word: LineWord): void {
    const equals = text.indexOf('=')
    const name = equals < 0 ? text : text.slice(0, equals)
    const option = this.#named(name)
    if (option === 'several') this.unclear ??= word.setting
    else if (option !== undefined) {
      if (equals < 0) this.#consume(option, word)
      else this.#put(option, [known(text.slice(equals + 1), word)])
    } else if (!text.startsWith('--')) this.#bundle(text, word)
  }

  #named(name: string): CommandLineOption | 'several' | undefined {
    const { options, abbreviations } = this.#line
    const exact = options.find((option) => option.names.includes(name))
    if (exact !== undefined || !abbreviations || !/^--?[^-]/.test(name) || name.length < 3) return exact
    const begun = options.filter((option) => option.names.some((one) => one.startsWith(name)))
    return begun.length > 1 ? 'several' : begun[0]
  }

  #bundle(text: string, word: LineWord): void {
    let rest = text.slice(1)
    for (let step = 0; step < BUNDLED && rest !== ''; step++) {
      const option = this.#line.options.find(({ names }) => names.includes(`-${rest.charAt(0)}`))
      rest = rest.slice(1)
      if (option === undefined) return
      if (option.takes !== 'nothing' && rest !== '') {
        this.#put(option, [known(rest.replace(/^=/, ''), word)])
        return
      }
      this.#consume(option, word)
    }
  }

  /** An option, and the words behind it that are its own. */
  #consume(option: CommandLineOption, word: LineWord): void {
    const taken: Setting[] = []
    const most = option.takes === 'nothing' ? 0 : option.takes === 'many' ? Number.POSITIVE_INFINITY : 1
    while (taken.length < most) {
      const next = this.#words[this.#at]
      if (next === undefined || next.text === '--' || (next.text !== undefined && isOption(next.text))) break
      taken.push(next.setting)
      this.#at++
    }
    this.#put(option, taken.length > 0 ? taken : [known(true, word)])
  }

  #put(option: CommandLineOption | 'several', settings: readonly Setting[]): void {
    if (option === 'several') {
      this.unclear ??= settings[0]
      return
    }
    for (const name of option.names) this.given.set(name, option.collects ? [...(this.given.get(name) ?? []), ...settings] : settings)
  }

  #placed(free: readonly LineWord[]): void {
    const { words, commands } = this.#line
    let at = 0
    for (let word = free[at]; word?.text !== undefined && commands.includes(word.text); word = free[at]) at++
    for (const [index, { name, takes }] of words.entries()) {
      const later = words.slice(index + 1).filter((one) => one.takes === 'one').length
      const left = free.length - at - later
      const count = takes === 'one' ? 1 : takes === 'perhaps' ? Math.min(1, Math.max(0, left)) : Math.max(0, left)
      const settings = free.slice(at, at + count).map((word) => word.setting)
      if (settings.length > 0) this.given.set(name, settings)
      at += count
    }
  }
}

/** A number below zero is none, nor is `-`, which stands for a file. */
const isOption = (text: string): boolean => text.length > 1 && text.startsWith('-') && !/^-\d/.test(text)

function known(value: string | boolean, { setting: { origin } }: LineWord): Setting {
  const read: Value = { kind: 'known', value, origin }
  return { value: read, origin }
}
