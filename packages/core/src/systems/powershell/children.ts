import { type FileOrigin, joinValues, type Value, type Word } from '../../evidence/index.ts'
import { type Passage, passageAt } from '../passage.ts'
import { followBatch } from '../batch/walk.ts'
import { templateOf } from '../programs/template.ts'
import { programName } from '../programs/run.ts'
import { type Datum, isValue, known, plain, type Source, unknown } from './datum.ts'
import { goTo, slashed } from './locations.ts'
import type { Call } from './runner.ts'

const POWERSHELL = /^(?:powershell|pwsh)(?:-preview|_ise)?$/i
/** Options of powershell.exe and pwsh that take a value (about_PowerShell_exe, about_Pwsh). */
const VALUED: readonly string[] = [
  'configurationfile',
  'configurationname',
  'custompipename',
  'executionpolicy',
  'ep',
  'ex',
  'inputformat',
  'outputformat',
  'psconsolefile',
  'settingsfile',
  'version',
  'windowstyle',
]

/** What a call of PowerShell itself runs. */
export type Inner =
  | { readonly kind: 'text'; readonly words: readonly Datum[] }
  | { readonly kind: 'file'; readonly file: Datum; readonly words: readonly Datum[] }
  | { readonly kind: 'encoded' }

export interface InnerCall {
  readonly inner: Inner
  readonly workingDirectory?: Datum
}

/** `powershell -Command …`, `pwsh -File …`; `undefined` where the words are no such call, or one that only opens a prompt. */
function powershellCall(words: readonly Datum[]): InnerCall | undefined {
  const program = plain(words[0])
  if (program === undefined || !POWERSHELL.test(programName(slashed(program)))) return undefined
  let workingDirectory: Datum | undefined
  const found = (inner: Inner): InnerCall => ({ inner, ...(workingDirectory === undefined ? {} : { workingDirectory }) })
  for (let index = 1; index < words.length; index++) {
    const word = words[index]
    if (word === undefined) break
    const option = /^[-/]([a-z]+)$/i.exec(plain(word) ?? '')?.[1]?.toLowerCase()
    const rest = words.slice(index + 1)
    if (option === undefined) {
      // Windows PowerShell takes a word without an option for a command, PowerShell 7 for a file.
      const isFile = /^pwsh/i.test(programName(slashed(program))) || /\.ps1$/i.test(plain(word) ?? '')
      return found(isFile ? { kind: 'file', file: word, words: rest } : { kind: 'text', words: words.slice(index) })
    }
    if (isShort('command', option, 1) || option === 'cwa' || isShort('commandwithargs', option, 8))
      return found({ kind: 'text', words: rest })
    if (isShort('file', option, 1)) return rest[0] === undefined ? undefined : found({ kind: 'file', file: rest[0], words: rest.slice(1) })
    if (isShort('encodedcommand', option, 1) || option === 'ec') return found({ kind: 'encoded' })
    if (isShort('workingdirectory', option, 2) || option === 'wd') workingDirectory = words[++index]
    else if (VALUED.some((name) => isShort(name, option, 2))) index++
  }
  return undefined
}

function isShort(name: string, option: string, least: number): boolean {
  return option.length >= least && name.startsWith(option)
}

/** A text of a script that values make together; what is not known in it keeps its value. */
export function sourceOf(words: readonly Datum[], origin: FileOrigin): Source | undefined {
  const values = words.flatMap((word, index): readonly Value[] => {
    const value = isValue(word) ? word : unknown('a word that is not followed', origin)
    return index === 0 ? [value] : [known(' ', origin), value]
  })
  const template = templateOf(joinValues(values, origin))
  return template === undefined ? undefined : { passage: passageAt(template.text, template.origin), holes: template.holes }
}

/** The script in `powershell -Command SCRIPT`, where all of it is known. */
export function innerText(words: readonly Word[], origin: FileOrigin): Passage | undefined {
  const inner = powershellCall(words.map((word) => word.text))?.inner
  const source = inner?.kind === 'text' ? sourceOf(inner.words, origin) : undefined
  return source === undefined || source.holes.length > 0 ? undefined : source.passage
}

/** Follows a call of PowerShell, or of the command processor of Windows; `false` where it is neither. */
export function child(words: readonly Datum[], call: Call): boolean {
  const { at, origin, runner } = call
  const program = plain(words[0])
  if (program !== undefined && /^cmd$/i.test(programName(slashed(program)))) return batch(words, call)
  const found = powershellCall(words)
  if (found === undefined) return false
  const { inner, workingDirectory } = found
  if (workingDirectory !== undefined) goTo(plain(workingDirectory), at.scope, runner.context)
  if (inner.kind === 'encoded') {
    runner.problem('an encoded command is not followed', origin)
    return true
  }
  // Its process has variables of its own.
  const scope = at.scope.copy()
  if (inner.kind === 'file') return false
  const [first] = inner.words
  if (first?.kind === 'block') {
    runner.call(first, [], { ...at, scope }, origin)
    return true
  }
  const source = sourceOf(inner.words, origin)
  if (source !== undefined) runner.script(source, { ...at, scope, source }, [], origin)
  return true
}

/** `cmd /c …` */
function batch(words: readonly Datum[], call: Call): boolean {
  const { at, origin, runner } = call
  const option = words.findIndex((word) => /^\/[ck]$/i.test(plain(word) ?? ''))
  const source = option < 0 ? undefined : sourceOf(words.slice(option + 1), origin)
  if (source === undefined) return true
  const { commands, problems } = followBatch(source, at.scope.copy(), { ...runner.context, arguments: [] })
  for (const { reason, origin: place } of problems) runner.problem(reason, place)
  for (const command of commands) {
    const certain = command.certain && runner.certain
    runner.started(command.words.length, origin, () => ({ ...command, certain, origin: runner.site ?? origin }))
  }
  return true
}
