import type { Value, Word } from '../evidence/index.ts'
import type { Script } from './package-json/scripts.ts'
import type { CommandReading } from './programs/index.ts'
import { isShell } from './shell/inner.ts'

export const SHELL_SCRIPT = /\.(?:sh|bash|ksh|zsh)$/
export const POWERSHELL_SCRIPT = /\.ps1$/i
export const BATCH_SCRIPT = /\.(?:bat|cmd)$/i

/** The script of a name, or those that a pattern takes: `*` is any part between colons, `**` any parts (npm-run-all). */
export function scriptsNamed(name: string, scripts: ReadonlyMap<string, Script>): readonly Script[] {
  const script = scripts.get(name)
  if (script !== undefined) return [script]
  // Few stars only: each more of them multiplies the ways to match.
  if (!name.includes('*') || name.length > 100 || name.split('*').length > 5) return []
  const source = name.replace(/\*\*|[^\w*]|\*/g, (piece) => (piece === '**' ? '.*' : piece === '*' ? '[^:]*' : `\\${piece}`))
  const pattern = new RegExp(`^${source}$`)
  return [...scripts.values()].filter((one) => one.name.length <= 100 && pattern.test(one.name))
}

/** What a script is given as `$1`, `$2` …. */
export function positional(reading: CommandReading): readonly Value[] {
  return [...reading.arguments]
    .flatMap(([name, { value }]) => {
      const index = /^argv\[(\d+)\]$/.exec(name)?.[1]
      return index === undefined ? [] : [{ index: Number(index), value }]
    })
    .toSorted((a, b) => a.index - b.index)
    .map(({ value }) => value)
}

/** `${PYTHON:-python3} -m uvicorn`: the program that runs unless another is set; `$PY -m …` is Python whichever it is. */
export function withKnownProgram(words: readonly Word[]): readonly Word[] {
  const [first, ...rest] = words
  if (first === undefined || first.text.kind === 'known') return words
  const program =
    usual(first.text) ??
    (known(rest[0]) === '-m' && first.text.kind !== 'absent'
      ? { kind: 'known' as const, value: 'python3', origin: first.text.origin }
      : undefined)
  return program === undefined ? words : [{ ...first, text: program }, ...rest]
}

function usual(value: Value): Value | undefined {
  switch (value.kind) {
    case 'known':
      return value
    case 'environment':
    case 'argument':
      return usual(value.fallback)
    case 'choice':
      return value.options.map(usual).find((option) => option !== undefined)
    default:
      return undefined
  }
}

/** A word in which a shell put variables that files, or what is not seen, may set: they are not those of the program. */
export function putIn(word: Word): Word {
  return { ...word, text: settled(word.text) }
}

function settled(value: Value): Value {
  switch (value.kind) {
    case 'environment':
      return { kind: 'unknown', reason: `what sets ${value.name} around the command is not followed`, origin: value.origin }
    case 'joined':
      return { ...value, parts: value.parts.map(settled) }
    case 'choice':
      return { ...value, options: value.options.map(settled) }
    default:
      return value
  }
}

export function known(word: Word | undefined): string | undefined {
  return word?.text.kind === 'known' ? String(word.text.value) : undefined
}

/** Whether a file that a command runs may be a shell script: by its name, or as it is run by a shell or as a program of its own. */
export function isScript(entry: string, words: readonly Word[]): boolean {
  return (
    [SHELL_SCRIPT, POWERSHELL_SCRIPT, BATCH_SCRIPT].some((script) => script.test(entry)) ||
    !/\.\w+$/.test(entry) ||
    isShell(known(words[0]))
  )
}
