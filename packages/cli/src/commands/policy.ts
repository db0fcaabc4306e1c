import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { ParsedPolicy, Policy } from '@sallyport/core/policy'
import { shellWord } from '@sallyport/core/systems'
import { leadsOut } from '../collect/files.ts'
import { Files } from '../collect/snapshot.ts'
import { Failure, type Mistake, mistakeText } from '../failure.ts'
import { unreadText } from '../system-words.ts'

/** The names a policy goes by when none is given. */
const NAMES = ['sallyport.yaml', 'sallyport.yml']

export interface PolicyOptions {
  readonly policy?: string
  readonly environment?: string
}

/** The policies that a folder has under the names they go by; also a link that leads to nothing is there. */
export function policiesIn(folder: string): readonly string[] {
  return NAMES.map((name) => join(folder, name)).filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined)
}

function pathOf(folder: string, options: PolicyOptions): string | undefined {
  if (options.policy !== undefined) return resolve(options.policy)
  const [path, second] = policiesIn(folder)
  if (path !== undefined && second !== undefined)
    throw new Failure(`there are two policies, ${path} and ${second}`, 'take one away, or name the one that holds with --policy')
  return path
}

/** Which of the policy's environments holds: as asked for, or as SALLYPORT_ENV says. Empty, that says nothing. */
export function environmentOf({ environment }: PolicyOptions): string | undefined {
  return environment ?? (process.env['SALLYPORT_ENV'] || undefined)
}

/**
 * Reads the policy that is named, or the one in the folder; `undefined` when there is none. Throws `Failure` with every mistake in it.
 * `instead`: as if files of the folder had these texts.
 */
export async function loadPolicy(
  folder: string,
  options: PolicyOptions,
  warn: (mistake: Mistake) => void,
  instead?: ReadonlyMap<string, string>,
): Promise<Policy | undefined> {
  const path = pathOf(folder, options)
  if (path === undefined) return undefined
  if (options.policy === undefined && lstatSync(path).isSymbolicLink() && !existsSync(path))
    throw new Failure(`the policy ${path} is a link that leads to no file`, 'correct the link, or take it away to look without a policy')
  if (!existsSync(path)) throw new Failure(`there is no policy file ${options.policy}`, insteadOf(folder))
  const parsed = await parseAt(path, environmentOf(options), dirname(path) === folder ? instead : undefined)
  const problems = parsed.diagnostics.map(({ file, span, severity, message, hint }) => ({
    severity,
    place: `${file}:${span.start.line}:${span.start.column}`,
    message,
    hint,
  }))
  const mistakes = problems.filter(({ severity }) => severity === 'error').length
  if (parsed.policy === undefined || mistakes > 0)
    throw new Failure(
      `the policy has ${mistakes === 1 ? 'a mistake' : `${mistakes} mistakes`}:`,
      'correct it and run the command again',
      problems.flatMap((problem) => (problem.severity === 'error' ? mistakeText(problem) : mistakeText(problem, 'warning: '))),
    )
  for (const problem of problems) warn(problem)
  return parsed.policy
}

/** What to do where no policy is at the path that was named. The path itself is not put together once more: what it hides by its shape may not be known by it then. */
function insteadOf(folder: string): string {
  const [own] = policiesIn(folder)
  return own === undefined
    ? `correct the path (looked for in ${process.cwd()}), leave --policy out to look without one, or have one written by sallyport init ${shellWord(folder)}`
    : `correct the path (looked for in ${process.cwd()}), or leave --policy out to take ${own}`
}

/** The policy as it is in each of its environments but the one that holds; none where it has no environments. */
export async function otherEnvironments(folder: string, options: PolicyOptions): Promise<ReadonlyMap<string, Policy>> {
  const path = pathOf(folder, options)
  const chosen = environmentOf(options)
  if (path === undefined || chosen === undefined) return new Map()
  const names = (await parseAt(path, chosen)).environments.filter((name) => name !== chosen)
  const found = await Promise.all(names.map(async (name) => [name, (await parseAt(path, name)).policy] as const))
  return new Map(found.flatMap(([name, policy]) => (policy === undefined ? [] : [[name, policy] as const])))
}

/** Reads a policy with whatever it includes. Throws `Failure` where the file cannot be read at all. */
async function parseAt(path: string, environment: string | undefined, instead?: ReadonlyMap<string, string>): Promise<ParsedPolicy> {
  const root = realpathSync(dirname(path))
  const { parsePolicy } = await import('@sallyport/core/policy')
  const files = new Files({ path: root, chroot: false }, [], instead)
  const entry = basename(path)
  const texts = new Map<string, string>()
  const globs = new Map<string, readonly string[]>()
  const state = files.load(entry)
  if (state.kind !== 'text')
    throw new Failure(
      `the policy file ${path} could not be read: it is ${unreadText(state, 'a policy')}`,
      leadsOut(state) ? 'name the file that it leads to with --policy' : 'it has to be a text file that this user may read',
    )
  texts.set(entry, state.text)
  for (;;) {
    const parsed = parsePolicy({ files: texts, globs, entry, ...(environment === undefined ? {} : { environment }) })
    const wanted = parsed.needs.filter((need) => !texts.has(need) && !globs.has(need))
    let found = 0
    for (const need of wanted) {
      const included = /[*?[]/.test(need) ? undefined : files.load(need)
      if (included === undefined) globs.set(need, files.glob(need))
      else if (included.kind === 'text') texts.set(need, included.text)
      else continue
      found++
    }
    if (found === 0) return parsed
  }
}
