import { lstatSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from '../run.ts'

/**
 * The repository is hostile, and git would run what it says there. What a listing could start, by git-config(1): `core.fsmonitor`;
 * hooks; and, for an object that a partial clone left out, a fetch by `core.sshCommand`, `ext::` and their like.
 * Attributes, filters and aliases are not asked for by ls-files. Never run `git status` or `git diff` here: they are.
 */
const SETTINGS = ['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.untrackedCache=false'].flatMap((setting) => ['-c', setting])

const ENVIRONMENT = {
  // No transport at all, whatever the repository allows (git(1)); the second is for git 2.45 and later.
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
}

const TIMEOUT_MS = 30_000

export interface GitListing {
  /** `repository`: one within this one, a submodule or a clone, whose files are its own. */
  readonly present: readonly { readonly path: string; readonly tracked: boolean; readonly mode: 'file' | 'link' | 'repository' }[]
  /** What git ignores; a wholly ignored directory once, with a slash at its end. */
  readonly ignored: readonly string[]
  readonly unlisted: readonly { readonly path: string; readonly denied: boolean; readonly why: string }[]
}

/**
 * What git knows of a folder, the paths relative to it: git-ls-files(1). `undefined`: it is in no work tree. `why`: it is in
 * one, and git did not tell.
 */
export async function listWithGit(folder: string): Promise<GitListing | { readonly denied: boolean; readonly why: string } | undefined> {
  const top = workTreeOf(folder)
  if (top === undefined) return undefined
  // Both are named, so that neither `core.worktree` nor a folder that looks like a repository decides what is listed.
  const repository = ['-C', folder, `--git-dir=${join(top, '.git')}`, `--work-tree=${top}`]
  const list = (...args: readonly string[]) =>
    run('git', [...SETTINGS, ...repository, 'ls-files', '-z', ...args], { timeoutMs: TIMEOUT_MS, environment: ENVIRONMENT })
  const [present, ignored] = await Promise.all([
    // Each path with a letter before it: `?` is what git does not track; and of what it does, the mode.
    list('-t', '--stage', '--cached', '--others', '--exclude-standard'),
    list('--others', '--ignored', '--exclude-standard', '--directory'),
  ])
  if (present.kind !== 'ok') return { denied: present.kind === 'denied', why: reasonOf(present) }
  return {
    present: fields(present.stdout).flatMap(readEntry),
    ignored: ignored.kind === 'ok' ? fields(ignored.stdout) : [],
    unlisted: present.stderr.split('\n').flatMap(readWarning),
  }
}

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
