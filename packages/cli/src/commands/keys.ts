import { randomBytes } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { printable, Text } from '@sallyport/core/evidence'
import { unreadLines } from '@sallyport/core/systems'
import { isConfirmed } from '../change/ask.ts'
import { whyUnwritten } from '../system-words.ts'
import { writeWhole } from '../change/write.ts'
import { EXIT } from '../exit.ts'
import { Failure, mistakeText } from '../failure.ts'
import { committedNext, readKeyFile, refuseOtherNames, withMark } from '../keys/file.ts'
import { keysCommand, noFile } from '../keys/command.ts'
import { withLock } from '../change/lock.ts'
import { keysOf, type Plan, planFinish, planGenerate, planRotate } from '../keys/plan.ts'
import { planLines } from '../keys/words.ts'
import { folderAt } from './look.ts'
import { loadPolicy, type PolicyOptions } from './policy.ts'

export interface KeyOptions extends PolicyOptions {
  readonly folder: string
  /** Relative to the folder. */
  readonly file: string
  readonly yes: boolean
}

export interface GenerateOptions extends KeyOptions {
  /** Relative to the folder. */
  readonly example: string
}

export interface RotateOptions extends KeyOptions {
  /** Milliseconds. */
  readonly overlap: number
  readonly incident: boolean
  readonly finish: boolean
}

/** 256 bits: what HS256 needs (RFC 7518 §3.2), and more than anybody tries. */
const BYTES = 32
const makeKey = (): string => randomBytes(BYTES).toString('base64url')

/** Nobody but the file's owner has to read it. */
const MODE = 0o600

/** `sallyport keys generate [NAME…]` (M9): gives the deployment's own keys random values, where they have none that is real. */
export async function generate(names: readonly string[], options: GenerateOptions): Promise<number> {
  const folder = folderAt(options.folder, 'folder')
  const policy = await loadPolicy(folder, options, (mistake) => note(mistakeText(mistake, 'warning: ').join('\n')))
  const wanted = keysOf(policy)
  const example = readKeyFile(resolve(folder, options.example), '--example')
  return withFile(folder, options, (text) => {
    if (text === undefined && example === undefined && wanted.length === 0 && names.length === 0)
      throw new Failure(
        `there is no ${options.file} and no ${options.example} in ${folder}, and no policy that asks for a key`,
        `name the keys: ${keysCommand('generate JWT_SECRET', options)}`,
      )
    return planGenerate({ text, example, wanted, asked: namesOf(names) }, makeKey)
  })
}

/** `sallyport keys rotate [NAME…]`: new keys; the old ones are kept beside them for a while, unless there was an incident. */
export async function rotate(names: readonly string[], options: RotateOptions): Promise<number> {
  if (options.incident && options.finish)
    throw new Failure('--incident and --finish are two things', 'an incident leaves no overlap to finish')
  const folder = folderAt(options.folder, 'folder')
  const asked = namesOf(names)
  return withFile(folder, options, (text) => {
    if (text === undefined) throw noFile(folder, options)
    const now = Date.now()
    return options.finish
      ? planFinish(text, asked)
      : planRotate({ text, asked, now, until: options.incident ? undefined : now + options.overlap, place: options }, makeKey)
  })
}

const note = (text: string): void => void process.stderr.write(`${text}\n`)

const namesOf = (names: readonly string[]): readonly string[] => [...new Set(names.map(nameOf))]

function nameOf(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) return name
  throw new Failure(`${name} is no name of a variable`, 'names have letters, digits and _: INTERNAL_API_KEY')
}

/** Reads, plans, shows, asks and writes, while nobody else of us does. */
async function withFile(folder: string, options: KeyOptions, plan: (text: string | undefined) => Plan): Promise<number> {
  const path = resolve(folder, options.file)
  return withLock(path, async () => {
    const text = readKeyFile(path)
    const planned = plan(text)
    for (const line of planLines(planned, options)) process.stdout.write(`${line}\n`)
    for (const { reason, origin } of unreadLines(new Text(options.file, text ?? '')))
      note(`warning: ${printable(origin.path)}:${origin.span.start.line} is not understood, and left as it is: ${reason}`)
    const isOpen = text !== undefined && (lstatSync(path).mode & 0o777 & ~MODE) !== 0
    if (isOpen) process.stdout.write(`${printable(path)}: others may read it; it becomes its owner’s alone (mode 600)\n`)
    if (planned.text === text && !isOpen) {
      note(`${path} stays as it is`)
      return EXIT.clean
    }
    refuseOtherNames(path)
    if (!(await isConfirmed(`write ${path}?`, options.yes))) {
      note('nothing was changed')
      return EXIT.clean
    }
    // A person may have edited it while the question stood there.
    if (readKeyFile(path) !== text)
      throw new Failure(`${path} was changed since it was read, so nothing was written`, 'run the command again')
    save(path, planned.text)
    note(`written: ${path}. What runs reads it at its next start.`)
    const warning = await committedNext(path)
    if (warning !== undefined) note(`warning: ${printable(warning)}`)
    return EXIT.clean
  })
}

function save(path: string, text: string): void {
  try {
    writeWhole(path, withMark(path, text), { replace: true, mode: MODE, tighten: true })
  } catch (error) {
    throw new Failure(`${path} could not be written: ${whyUnwritten(error, path)}`, 'nothing was changed; run it as a user who may')
  }
}
