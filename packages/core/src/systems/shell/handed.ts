import { type Glob, knownText as text, nameGlob, type Value } from '../../evidence/index.ts'
import { nameOf } from '../paths.ts'

/** A command that is run for files which another one finds: more of them rather than fewer. */
export interface HandedOn {
  /** Its program comes first. */
  readonly command: readonly Value[]
  /** The directories that the files are below; none: the working directory. */
  readonly directories: readonly Value[]
  readonly names: readonly Pick<Glob, 'matches'>[]
}

/** A file, whatever its name. */
const ANY_NAME: Pick<Glob, 'matches'> = { matches: () => true }

/** Options of xargs(1) that take the word behind them. */
const TAKES_WORD = /^-[EIJLPRSadns]$|^--(?:arg-file|delimiter|max-(?:args|chars|lines|procs)|replace)$/

/** `find DIRECTORY… -name PATTERN -exec COMMAND {} +`, given the words behind the program; `undefined`: it runs nothing. */
export function handedByFind(words: readonly Value[]): HandedOn | undefined {
  const runs = words.findIndex((word) => /^-(?:exec|execdir|ok|okdir)$/.test(text(word) ?? ''))
  if (runs < 0) return undefined
  const end = words.findIndex((word, index) => index > runs && /^[;+]$/.test(text(word) ?? ''))
  const command = words.slice(runs + 1, end < 0 ? undefined : end).filter((word) => text(word) !== '{}')
  return { command, ...found(words.slice(0, runs)) }
}

/** `find … | xargs COMMAND`, `grep -l … DIRECTORY | xargs COMMAND`. `given`: the words of the command before it. */
export function handedByXargs(words: readonly Value[], given: readonly Value[]): HandedOn | undefined {
  let first = 0
  while (text(words[first])?.startsWith('-') === true) first += TAKES_WORD.test(text(words[first]) ?? '') ? 2 : 1
  if (first >= words.length) return undefined
  const command = words.slice(first)
  const [program, ...rest] = given
  switch (nameOf(text(program) ?? '')) {
    case 'find':
      return { command, ...found(rest) }
    case 'grep':
    case 'egrep':
    case 'rg': {
      const [, ...directories] = rest.filter((word) => text(word)?.startsWith('-') !== true)
      return { command, directories, names: [ANY_NAME] }
    }
    default:
      return { command, directories: [], names: [ANY_NAME] }
  }
}

/** What find(1) finds by the words before its first action. */
function found(words: readonly Value[]): Pick<HandedOn, 'directories' | 'names'> {
  const begin = words.findIndex((word) => /^[-(!]/.test(text(word) ?? ''))
  const tests = begin < 0 ? [] : words.slice(begin)
  const names = tests.flatMap((word, index) => {
    const pattern = tests[index - 1]
    return /^-i?name$/.test(text(pattern) ?? '') && !/^(?:!|-not)$/.test(text(tests[index - 2]) ?? '') ? [text(word) ?? '*'] : []
  })
  // Each way of several has to have a name of its own, or it finds files of any.
  const ways = 1 + tests.filter((word) => /^-(?:o|or)$/.test(text(word) ?? '')).length
  const isNamed = names.length >= ways
  return { directories: begin < 0 ? words : words.slice(0, begin), names: isNamed ? names.map(nameGlob) : [ANY_NAME] }
}
