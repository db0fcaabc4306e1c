import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { type FileOrigin, printable, show, Text } from '@sallyport/core/evidence'
import { judgeSecrets, makerOf, plainVariables, unreadLines, weaknessOf } from '@sallyport/core/systems'
import { unreadText } from '../collect/folder/index.ts'
import { committedVersions, GitTime } from '../collect/folder/git.ts'
import { Files } from '../collect/snapshot.ts'
import { walkFolder } from '../collect/folder/walk.ts'
import { type KeyPlace, keysCommand } from './command.ts'
import { overdue, planGenerate } from './plan.ts'
import { counted } from '../report/words.ts'
import { weakText } from './words.ts'

/** Something that is wrong with the deployment's secrets. No value is in it. */
export interface Problem {
  readonly problem: 'missing' | 'weak' | 'repeated' | 'overlap-over' | 'readable' | 'committed' | 'in-history' | 'not-ignored' | 'not-seen'
  /** The variables; empty where it is about a whole file. */
  readonly names: readonly string[]
  /** `file:line:column`, or a file. */
  readonly place: string
  readonly message: string
  readonly fix: string
}

export interface ProblemInput {
  readonly folder: string
  readonly file: string
  /** As the caller named the two. */
  readonly place: KeyPlace
  readonly text: string | undefined
  readonly example: string | undefined
  readonly wanted: readonly string[]
  readonly now: number
}

/** What holds variables of a running deployment: not templates, which are meant to be committed. */
const ENV_FILE = /(?:^|\/)(?:\.env(?:\.[\w-]+)*|[\w-]+\.env)$/
const TEMPLATE = /(?:example|sample|template|dist|defaults?)$/i
const HISTORY = [':(glob)**/.env', ':(glob)**/.env.*', ':(glob)**/*.env']

export interface Judged {
  readonly problems: readonly Problem[]
  /** The files of variables that were there to be looked at. */
  readonly files: readonly string[]
}

/** Missing, weak, repeated and committed secrets, each of a kind named at once (M10, M16). */
export async function problemsOf(input: ProblemInput): Promise<Judged> {
  const { place } = input
  const time = new GitTime()
  const walk = await walkFolder(input.folder, time)
  const files = new Files({ path: input.folder, chroot: false }, walk.paths)
  const paths = [...new Set([...walk.paths, ...walk.ignored, input.file])].filter((path) => ENV_FILE.test(path) && !TEMPLATE.test(path))
  const texts: Text[] = []
  const closed: Problem[] = []
  for (const path of paths) {
    const state = files.load(path)
    if (state.kind === 'text') texts.push(new Text(printable(path), state.text))
    else if (state.kind !== 'absent') closed.push({ ...unseen(unreadText(printable(path), state)), place: printable(path) })
  }
  const tracked = texts.filter(({ path }) => walk.tracked?.has(path) === true)
  const problems = [
    ...missing(input),
    ...judged(texts, place),
    ...closed,
    ...walk.withoutGit.map(({ path, why }) => ({ ...unseen(`which files git tracks: ${show(why)}`), place: printable(path) || '.' })),
    ...texts.flatMap(unread),
    ...overdue(input.text ?? '', input.now).map(
      ({ name, until }): Problem => ({
        problem: 'overlap-over',
        names: [name],
        place: input.file,
        message: `${name} was to be valid until ${until}, and is still there`,
        fix: keysCommand(`rotate --finish ${name.replace(/_PREVIOUS$/, '')}`, place),
      }),
    ),
    ...texts.flatMap((text) => readable(input.folder, text)),
    ...tracked.filter(hasSecrets).map(
      ({ path }): Problem => ({
        problem: 'committed',
        names: [],
        place: path,
        message: `git tracks ${path}, and it has secrets`,
        fix: `git rm --cached ${path}, list it in .gitignore, and change every secret in it`,
      }),
    ),
    ...texts
      .filter((text) => walk.tracked !== undefined && !tracked.includes(text) && !walk.ignored.has(text.path))
      .filter(hasSecrets)
      .map(
        ({ path }): Problem => ({
          problem: 'not-ignored',
          names: [],
          place: path,
          message: `git does not ignore ${path}, and it has secrets`,
          fix: `list it in .gitignore`,
        }),
      ),
    ...(await inHistory(input.folder, texts, place, time)),
  ]
  return { problems, files: texts.map(({ path }) => path) }
}

function missing({ text, example, wanted, file, place }: ProblemInput): readonly Problem[] {
  const { steps, wanting } = planGenerate({ text: text ?? '', example, wanted, asked: [] }, () => '')
  const own = steps.flatMap((step) => (step.step === 'make' && (step.why === 'missing' || step.why === 'empty') ? [step.name] : []))
  const there = plainVariables(new Text(file, text ?? ''))
  const others = wanting.map(({ name }) => name).filter((name) => (there.get(name)?.value ?? '') === '')
  const names = [...own, ...others]
  if (names.length === 0) return []
  return [
    {
      problem: 'missing',
      names,
      place: file,
      message: `${text === undefined ? 'is not there, and so has no value for' : 'has no value for'} ${names.map(printable).join(', ')}`,
      fix:
        own.length === names.length
          ? keysCommand('generate', place)
          : `${keysCommand('generate', place)} makes the deployment’s own; give the others their values`,
    },
  ]
}

const at = ({ path, span }: FileOrigin): string => `${path}:${span.start.line}:${span.start.column}`

function judged(texts: readonly Text[], { folder }: KeyPlace): readonly Problem[] {
  return judgeSecrets(texts).map((item): Problem => {
    const name = printable(item.name)
    const isOwn = makerOf(item.name)?.kind === 'own'
    if (item.problem === 'weak')
      return {
        problem: 'weak',
        names: [name],
        place: at(item.origin),
        message: `${name} is ${weakText(item.weakness)}`,
        fix: isOwn ? keysCommand(`rotate ${name}`, { folder, file: item.origin.path }) : 'change it where it is made, and here',
      }
    const other = `${printable(item.with.name)}${item.with.origin.path === item.origin.path ? '' : ` in ${item.with.origin.path}`}`
    return {
      problem: 'repeated',
      names: [name, printable(item.with.name)],
      place: at(item.origin),
      message: `${name} is the same secret as ${other}`,
      fix: isOwn ? keysCommand(`rotate ${name}`, { folder, file: item.origin.path }) : 'make one of its own for each',
    }
  })
}

function unread(text: Text): readonly Problem[] {
  return unreadLines(text).map(({ reason, origin }) => ({
    problem: 'not-seen',
    names: [],
    place: at(origin),
    message: `not seen: what this line sets: ${reason}`,
    fix: 'write it as NAME=value, on one line',
  }))
}

function hasSecrets(text: Text): boolean {
  return secretsIn(text).length > 0
}

/** Those with a value that is meant to be used. */
function secretsIn(text: Text): readonly { readonly name: string; readonly value: string; readonly origin: FileOrigin }[] {
  return [...plainVariables(text).values()].flatMap(({ name, value, origin }) =>
    value === undefined || value === '' || makerOf(name) === undefined || weaknessOf(value, 'password') === 'placeholder'
      ? []
      : [{ name, value, origin }],
  )
}

function readable(folder: string, text: Text): readonly Problem[] {
  const stat = lstatSync(join(folder, text.path), { throwIfNoEntry: false })
  // Windows has no such bits.
  if (process.platform === 'win32' || stat === undefined || (stat.mode & 0o077) === 0 || !hasSecrets(text)) return []
  const mode = (stat.mode & 0o777).toString(8)
  return [
    {
      problem: 'readable',
      names: [],
      place: text.path,
      message: `${text.path} has secrets, and others on this machine may read it (mode ${mode})`,
      fix: `chmod 600 ${text.path}`,
    },
  ]
}

/** Secrets that are in use and that some commit has, of any branch or tag. Values are compared, and go nowhere. */
async function inHistory(folder: string, texts: readonly Text[], place: KeyPlace, time: GitTime): Promise<readonly Problem[]> {
  const inUse = texts.flatMap(secretsIn).filter(({ value }) => value.length >= SHORTEST)
  if (inUse.length === 0) return []
  const history = await committedVersions(folder, HISTORY, time)
  if (history === undefined) return []
  if ('why' in history) return [unseen(`git’s history: ${show(history.why)}`)]
  const found = new Map<string, Problem>()
  for (const { commit, path, text } of history.files) {
    const committed = new Set([...plainVariables(new Text(path, text)).values()].map(({ value }) => value))
    for (const { name, value, origin } of inUse) {
      const key = `${origin.path} ${name}`
      if (!committed.has(value) || found.has(key)) continue
      const isOwn = makerOf(name)?.kind === 'own'
      found.set(key, {
        problem: 'in-history',
        names: [printable(name)],
        place: at(origin),
        message: `${printable(name)} is in use, and commit ${commit} has it, in ${printable(path)}`,
        fix: isOwn
          ? keysCommand(`rotate --incident ${printable(name)}`, { folder: place.folder, file: origin.path })
          : 'change it where it is made, and here: whoever has the repository has it',
      })
    }
  }
  return [
    ...found.values(),
    ...[...history.left].map(([why, count]) =>
      unseen(`${counted(count, 'version')} of these files in git’s history: ${show(why)}`, READ_HISTORY),
    ),
  ]
}

/** Shorter values are in any file by chance. */
const SHORTEST = 8

const READ_HISTORY = 'look at them by hand: git log --all --raw has their names, git cat-file blob NAME shows one'

function unseen(what: string, fix = 'look at it as a user who may'): Problem {
  return { problem: 'not-seen', names: [], place: '.', message: `not seen: ${what}`, fix }
}
