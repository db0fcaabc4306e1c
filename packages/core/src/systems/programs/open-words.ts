import type { CommandBind, FileOrigin, Value } from '../../evidence/index.ts'
import { lastOf, type Parsed } from './options.ts'
import type { Program } from './row.ts'
import { fill, isLiteral, maySpread, type Template } from './template.ts'

/** A word that is not known and may be options. */
interface OpenWord {
  readonly word: Template
  /** It stands where a word of the program's own is missing otherwise: it is not nothing. */
  readonly isGiven: boolean
}

/** What stands behind the words that the program takes, and what is cut at blanks. */
export function openWords(row: Program, { positionals }: Parsed, expected: number): readonly OpenWord[] {
  return positionals.flatMap((word, index): readonly OpenWord[] => {
    if (!mayTell(row, word)) return []
    if (index >= expected) return [{ word, isGiven: false }]
    const value = fill(word.text, word)
    const isPort = row.positional === 'port' && value.kind === 'environment' && /port/i.test(value.name)
    return maySpread(word) && row.positional !== 'endpoint' && !isPort ? [{ word, isGiven: true }] : []
  })
}

/** Whether a word may say something that matters: not one of several options of which none does (`dev ? '--reload' : ''`). */
export function mayTell(row: Program, word: Template): boolean {
  const value = fill(word.text, word)
  if (value.kind !== 'choice') return !isLiteral(word.text)
  return !value.options.every((option) => option.kind === 'absent' || (option.kind === 'known' && isSwitch(row, String(option.value))))
}

function isSwitch(row: Program, text: string): boolean {
  const role = Object.hasOwn(row.options, text) ? row.options[text] : row.unlisted
  return text === '' || (/^--\w[\w-]*$/.test(text) && (role === 'switch' || role === 'value'))
}

/** What such words leave of where the program listens, unless the host is told behind them: of several options the last counts. */
export function openTo(
  open: readonly OpenWord[],
  words: readonly Template[],
  row: Program,
  { given }: Parsed,
  binds: readonly CommandBind[],
  origin: FileOrigin,
): readonly CommandBind[] {
  const last = open.at(-1)
  const host = lastOf(given, 'host', 'host-or-everywhere', 'everywhere', 'endpoint')
  const isBehind = host !== undefined && last !== undefined && words.indexOf(host.template) > words.indexOf(last.word)
  if (last === undefined || (isBehind && row.firstCounts !== true)) return binds
  const { word, isGiven } = open.find((one) => one.isGiven) ?? last
  const further: Value = { kind: 'unknown', reason: `further arguments of ${row.title} are not known`, origin: word.origin }
  const perhaps = (value: Value): Value => {
    if (isGiven && isUntold(value)) return further
    // Both host and port are the program's own where there are no such words.
    const when = { of: fill(word.text, word) }
    return { kind: 'choice', options: [further, value], when, origin: value.kind === 'absent' ? origin : value.origin }
  }
  return binds.map((bind) => ({ ...bind, host: perhaps(bind.host), port: isUntold(bind.port) ? perhaps(bind.port) : bind.port }))
}

/** By the command line: a variable that the program reads by itself comes after its arguments. */
const isUntold = (value: Value): boolean => value.kind === 'absent' || (value.kind === 'environment' && value.optional === true)
