import { lstatSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MAX_BYTES, type Ran, run, type RunOptions } from '../run.ts'

/**
 * The repository is hostile, and git would run what it says there. What a listing could start, by git-config(1): `core.fsmonitor`;
 * hooks; and, for an object that a partial clone left out, a fetch by `core.sshCommand`, `ext::` and their like.
 * Attributes, filters and aliases are not asked for by ls-files, `log --raw` and cat-file. Never run `git status` or `git diff` here: they are.
 */
const SETTINGS = ['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.untrackedCache=false'].flatMap((setting) => ['-c', setting])

const ENVIRONMENT = {
  // No transport at all, whatever the repository allows (git(1)); the second is for git 2.45 and later.
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
}

/** For one answer, and for all that one look asks for: a FIFO in a repository keeps git waiting until it is ended. */
const ONE_MS = 10_000
const LOOK_MS = 30_000

/** The time that git has for all repositories of one look. */
export class GitTime {
  #left: number

  constructor(ms = LOOK_MS) {
    this.#left = ms
  }

  /** `undefined`: nothing of it is left. `work` gets how long it may take. */
  async spend<T>(work: (timeoutMs: number) => Promise<T>): Promise<T | undefined> {
    if (this.#left <= 0) return undefined
    const began = performance.now()
    try {
      return await work(Math.min(ONE_MS, Math.ceil(this.#left)))
    } finally {
      this.#left -= performance.now() - began
    }
  }
}

export interface GitListing {
  /** `repository`: one within this one, a submodule or a clone, whose files are its own. */
  readonly present: readonly { readonly path: string; readonly tracked: boolean; readonly mode: 'file' | 'link' | 'repository' }[]
  /** What git ignores; a wholly ignored directory once, with a slash at its end. */
  readonly ignored: readonly string[]
  readonly unlisted: readonly { readonly path: string; readonly denied: boolean; readonly why: string }[]
}

/** Why git did not tell what it was asked. */
export interface Untold {
  readonly kind: Exclude<Ran['kind'], 'ok'>
  readonly why: string
}

/**
 * What git knows of a folder, the paths relative to it: git-ls-files(1). `undefined`: it is in no work tree. `Untold`: it is in
 * one, and git did not tell.
 */
export async function listWithGit(folder: string, time = new GitTime()): Promise<GitListing | Untold | undefined> {
  const top = workTreeOf(folder)
  if (top === undefined) return undefined
  const listed = await time.spend((timeoutMs) => {
    const list = (...args: readonly string[]) => git(folder, top, ['ls-files', '-z', ...args], { timeoutMs })
    return Promise.all([
      // Each path with a letter before it: `?` is what git does not track; and of what it does, the mode.
      list('-t', '--stage', '--cached', '--others', '--exclude-standard'),
      list('--others', '--ignored', '--exclude-standard', '--directory'),
    ])
  })
  const [present, ignored] = listed ?? [NO_TIME, NO_TIME]
  if (present.kind !== 'ok') return { kind: present.kind, why: reasonOf(present) }
  // Files that decide what runs are among the ignored.
  if (ignored.kind !== 'ok') return { kind: ignored.kind, why: `those that it ignores: ${reasonOf(ignored)}` }
  return {
    present: fields(present.stdout).flatMap(readEntry),
    ignored: fields(ignored.stdout),
    unlisted: present.stderr.split('\n').flatMap(readWarning),
  }
}

/** Both are named, so that neither `core.worktree` nor a folder that looks like a repository decides what is listed. */
function git(folder: string, top: string, args: readonly string[], bounds: Pick<RunOptions, 'timeoutMs' | 'maxBytes'>): Promise<Ran> {
  const repository = ['-C', folder, `--git-dir=${join(top, '.git')}`, `--work-tree=${top}`]
  return run('git', [...SETTINGS, ...repository, ...args], { ...bounds, environment: ENVIRONMENT })
}

const NO_TIME: Ran = { kind: 'timeout' }

/** A version of a file that some commit has. */
export interface CommittedFile {
  readonly commit: string
  readonly path: string
  readonly text: string
}

/** Versions of files that are looked at; the first ones of a longer list. */
const MOST_VERSIONS = 500
const MB = 1024 * 1024
/** A file of variables is small. A repository of some kilobytes can have versions of any size, for they are compressed. */
const MOST_VERSION_BYTES = MB
const MOST_HISTORY_BYTES = 16 * MB

export interface History {
  readonly files: readonly CommittedFile[]
  /** How many versions were not looked at, by why. */
  readonly left: ReadonlyMap<string, number>
}

/**
 * Every version of some files that the history of any branch or tag has, newest first: git-log(1), git-cat-file(1). Paths are relative to the
 * folder. No signature is checked and no difference is shown: a repository may name programs for both. `undefined`: the folder is in no work tree.
 */
export async function committedVersions(
  folder: string,
  pathspecs: readonly string[],
  time = new GitTime(),
): Promise<History | { readonly why: string } | undefined> {
  const top = workTreeOf(folder)
  if (top === undefined) return undefined
  const words = [
    '--all',
    '--raw',
    '--no-abbrev',
    '-z',
    '--no-renames',
    '--relative',
    '--no-show-signature',
    '--no-ext-diff',
    '--no-textconv',
  ]
  const ask = async (args: readonly string[], maxBytes = MAX_BYTES): Promise<Ran> =>
    (await time.spend((timeoutMs) => git(folder, top, args, { timeoutMs, maxBytes }))) ?? NO_TIME
  const log = await ask(['--no-pager', 'log', ...words, '--format=%x01%h', '--', ...pathspecs])
  // A repository without any commit has no history.
  if (log.kind === 'failed' && log.stderr.includes('does not have any commits')) return { files: [], left: new Map() }
  if (log.kind !== 'ok') return { why: reasonOf(log) }
  const versions = readLog(log.stdout)
  const files: CommittedFile[] = []
  const left = new Map<string, number>()
  const leave = (why: string, count = 1): void => void left.set(why, (left.get(why) ?? 0) + count)
  let room = MOST_HISTORY_BYTES
  for (const { commit, path, blob } of versions.slice(0, MOST_VERSIONS)) {
    // Asked first: git puts together the whole of what it shows.
    const size = await ask(['cat-file', '-s', blob])
    const bytes = size.kind === 'ok' ? Number(size.stdout) : 0
    if (bytes > MOST_VERSION_BYTES) leave(`larger than ${MOST_VERSION_BYTES / MB} MB`)
    else if (bytes > room) leave(`beyond ${MOST_HISTORY_BYTES / MB} MB of all versions together`)
    else {
      const shown = size.kind === 'ok' ? await ask(['cat-file', 'blob', blob], MOST_VERSION_BYTES) : size
      if (shown.kind === 'ok') files.push({ commit, path, text: shown.stdout })
      else leave(reasonOf(shown))
      room -= bytes
    }
  }
  if (versions.length > MOST_VERSIONS) leave(`beyond the newest ${MOST_VERSIONS}`, versions.length - MOST_VERSIONS)
  return { files, left }
}

function readLog(text: string): readonly { readonly commit: string; readonly path: string; readonly blob: string }[] {
  const found = new Map<string, { readonly commit: string; readonly path: string; readonly blob: string }>()
  let commit = ''
  const tokens = text.split('\0')
  for (const [index, token] of tokens.entries()) {
    commit = /\u0001([0-9a-f]{4,64})/.exec(token)?.[1]?.slice(0, SHORT_COMMIT) ?? commit
    const blob = /:[0-7]{6} 100[0-7]{3} [0-9a-f]{40,64} ([0-9a-f]{40,64}) [A-Z]\d*$/.exec(token)?.[1]
    const path = tokens[index + 1] ?? ''
    if (blob !== undefined && !found.has(`${blob} ${path}`)) found.set(`${blob} ${path}`, { commit, path, blob })
  }
  return [...found.values()]
}

/** As git itself abbreviates in the largest repositories. */
const SHORT_COMMIT = 12

/** The nearest folder above that has a `.git`, which is a file in a submodule and in a linked work tree. */
function workTreeOf(folder: string): string | undefined {
  for (let top = folder; ; top = dirname(top)) {
    if (lstatSync(join(top, '.git'), { throwIfNoEntry: false }) !== undefined) return top
    if (top === dirname(top)) return undefined
  }
}

function fields(text: string): readonly string[] {
  return text.split('\0').filter((field) => field !== '')
}

/** The modes of git's index that are no files (gitformat-index(5)). */
const MODES: ReadonlyMap<string, 'link' | 'repository'> = new Map([
  ['120000', 'link'],
  ['160000', 'repository'],
])

/** `? path`, or `H 100644 0123… 0<TAB>path`. A repository that is not tracked has a slash at its end. */
function readEntry(entry: string): GitListing['present'] {
  if (entry.startsWith('? ')) {
    const path = entry.slice(2)
    return [path.endsWith('/') ? { path: path.slice(0, -1), tracked: false, mode: 'repository' } : { path, tracked: false, mode: 'file' }]
  }
  const tab = entry.indexOf('\t')
  if (tab < 0) return []
  return [{ path: entry.slice(tab + 1), tracked: true, mode: MODES.get(entry.slice(2, 8)) ?? 'file' }]
}

function readWarning(line: string): GitListing['unlisted'] {
  const [, path, why] = /could not open directory '(.*?)\/?': (.*)$/.exec(line) ?? []
  return path === undefined || why === undefined ? [] : [{ path, denied: why === 'Permission denied', why }]
}

function reasonOf(ran: Exclude<Awaited<ReturnType<typeof run>>, { kind: 'ok' }>): string {
  switch (ran.kind) {
    case 'missing':
      return 'git is not installed'
    case 'timeout':
      return 'git gave no answer in time'
    case 'too-large':
      return 'git’s answer was too large'
    case 'denied':
    case 'failed':
      return ran.stderr.split('\n').find((line) => line.startsWith('fatal:')) ?? 'git failed'
    default:
      return ran satisfies never
  }
}
