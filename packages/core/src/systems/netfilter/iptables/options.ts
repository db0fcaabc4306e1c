import type { Word } from './words.ts'

/** One option as it stands in a rule. `undefined` names an option that its module's table does not have. */
export interface Use {
  readonly name: string
  readonly known: boolean
  readonly negated: boolean
  readonly values: readonly string[]
}

/** A match or target with its options, and the words that it is made of. */
export interface Extension {
  readonly name: string
  readonly uses: readonly Use[]
  readonly text: string
}

/** How many values each option of a module takes. */
export type Arities = Readonly<Record<string, number>>

export interface RuleWords {
  /** Options of every rule: `-s`, `-d`, `-i`, `-o`, `-p`, `-f`. */
  readonly plain: readonly Use[]
  readonly matches: readonly Extension[]
  readonly target: Extension | undefined
  readonly goto: boolean
  /** Words that belong to nothing. */
  readonly stray: readonly string[]
}

const PLAIN: Arities = { '-s': 1, '-d': 1, '-i': 1, '-o': 1, '-p': 1, '-f': 0, '-c': 2 }

const LONG: Readonly<Record<string, string>> = {
  '--source': '-s',
  '--src': '-s',
  '--destination': '-d',
  '--dst': '-d',
  '--in-interface': '-i',
  '--out-interface': '-o',
  '--protocol': '-p',
  '--proto': '-p',
  '--fragment': '-f',
  '--set-counters': '-c',
  '--match': '-m',
  '--jump': '-j',
  '--goto': '-g',
  '--source-port': '--sport',
  '--source-ports': '--sports',
  '--destination-port': '--dport',
  '--destination-ports': '--dports',
  '--sctp-flags': '--chunk-types',
}

interface Building {
  readonly name: string
  readonly arities: Arities | undefined
  readonly uses: Use[]
  readonly words: Word[]
}

/**
 * Gives every word of a rule to the match or target that it belongs to. An option is taken with as many values as its module's table
 * says, whatever they look like, as getopt_long(3) does; one that no loaded module knows takes all words up to the next option.
 */
export function groupOptions(
  words: readonly Word[],
  matchArities: (name: string) => Arities | undefined,
  targetArities: (name: string) => Arities | undefined,
): RuleWords {
  const plain: Use[] = []
  const matches: Building[] = []
  const stray: string[] = []
  let implicit: string | undefined
  let target: Building | undefined
  let goto = false
  let at = 0
  while (at < words.length) {
    const start = at
    let negated = isBang(words[at])
    if (negated) at++
    const word = words[at]
    if (word === undefined || word.quoted || !word.text.startsWith('-') || word.text === '-') {
      stray.push(word?.text ?? '!')
      at++
      continue
    }
    const { name, attached } = optionName(word.text)
    at++
    if (name === '-m' || name === '-j' || name === '-g') {
      const value = attached ?? words[at++]?.text ?? ''
      const building = {
        name: value,
        arities: (name === '-m' ? matchArities : targetArities)(value),
        uses: [],
        words: words.slice(start, at),
      }
      if (name === '-m') matches.push(building)
      else {
        target = building
        goto = name === '-g'
      }
      continue
    }
    let owner = Object.hasOwn(PLAIN, name) ? undefined : findOwner(name, target, matches)
    if (owner === undefined && !Object.hasOwn(PLAIN, name) && implicit !== undefined && knows(matchArities(implicit), name)) {
      // `-p tcp --dport 22`: the protocol's own match is loaded without being named.
      owner = { name: implicit, arities: matchArities(implicit), uses: [], words: [] }
      matches.push(owner)
    }
    const arities = owner === undefined ? PLAIN : owner.arities
    const known = knows(arities, name)
    const values: string[] = attached === undefined ? [] : [attached]
    if (known && isBang(words[at]) && values.length === 0 && (arities?.[name] ?? 0) > 0) {
      // `--dport ! 22`, the older place of the negation.
      negated = !negated
      at++
    }
    const wanted = known ? (arities?.[name] ?? 0) : Number.POSITIVE_INFINITY
    while (values.length < wanted && at < words.length && (known || !startsOption(words, at))) values.push((words[at++] as Word).text)
    const use: Use = { name, known: known && values.length === wanted, negated, values }
    if (owner === undefined && known) {
      plain.push(use)
      if (name === '-p' && !negated) implicit = values[0]
    } else {
      const last = owner ?? target ?? matches.at(-1)
      if (last === undefined) stray.push(name)
      else {
        last.uses.push(use)
        last.words.push(...words.slice(start, at))
      }
    }
  }
  return { plain, matches: matches.map(finished), target: target === undefined ? undefined : finished(target), goto, stray }
}

function optionName(text: string): { readonly name: string; readonly attached: string | undefined } {
  const equals = text.startsWith('--') ? text.indexOf('=') : -1
  const name = equals < 0 ? text : text.slice(0, equals)
  return { name: LONG[name] ?? name, attached: equals < 0 ? undefined : text.slice(equals + 1) }
}

/** The target, once there is one; else the match named last that has the option; an unknown match takes what nobody else does. */
function findOwner(name: string, target: Building | undefined, matches: readonly Building[]): Building | undefined {
  if (target !== undefined && (target.arities === undefined || knows(target.arities, name))) return target
  return matches.findLast((match) => knows(match.arities, name)) ?? matches.findLast((match) => match.arities === undefined)
}

function knows(arities: Arities | undefined, name: string): boolean {
  return arities !== undefined && Object.hasOwn(arities, name)
}

function isBang(word: Word | undefined): boolean {
  return word !== undefined && !word.quoted && word.text === '!'
}

function startsOption(words: readonly Word[], at: number): boolean {
  const word = words[at]
  if (isBang(word)) return true
  return word !== undefined && !word.quoted && /^-[-A-Za-z]/.test(word.text)
}

function finished({ name, uses, words }: Building): Extension {
  return { name, uses, text: words.map(({ text, quoted }) => (quoted || text === '' ? `"${text}"` : text)).join(' ') }
}
