import { hostname } from 'node:os'
import { realpathSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { type Evidence, type FileOrigin, type Gap, printable, show } from '@sallyport/core/evidence'
import { type Context, evidenceIn, type FileState, isTestPath, type ScriptedFile, SYSTEMS } from '@sallyport/core/systems'
import { isDirectory, leadsOut } from '../files.ts'
import { Files, readAll } from '../snapshot.ts'
import { sourceTools } from '../source.ts'
import { counted } from '../../report/words.ts'
import { readScripted } from './scripted.ts'
import { secretProblems, secretsInGit, secretsOfStarts } from './secrets.ts'
import { MAX_FILES, type Walk, walkFolder, type WithoutGit } from './walk.ts'

/** Everything that the files of a folder say. Nothing in it is executed, and nothing outside it is read. */
export async function collectFolder(folder: string, capturedAt: number): Promise<readonly Evidence[]> {
  return (await openFolder(folder)).read(capturedAt)
}

/** A folder that is listed once, and read as often as is asked: as it is, and as it would be. */
export interface OpenFolder {
  /** Absolute, without links in it. */
  readonly root: string
  readonly files: Files
  /** `instead`: as if these files had these texts, by path. */
  read(capturedAt: number, instead?: ReadonlyMap<string, string>): Promise<readonly Evidence[]>
}

export async function openFolder(folder: string): Promise<OpenFolder> {
  const root = realpathSync(folder)
  const walk = await walkFolder(root)
  const files = new Files({ path: root, chroot: false }, walk.paths)
  return {
    root,
    files,
    read: (capturedAt, instead) => readFolder(walk, instead === undefined ? files : new Files(files.root, walk.paths, instead), capturedAt),
  }
}

async function readFolder(walk: Walk, files: Files, capturedAt: number): Promise<readonly Evidence[]> {
  const context: Context = { host: hostname(), standing: 'configured', capturedAt }
  const evidence: Evidence[] = [...walkGaps(context, walk)]
  const unread = new Set<string>()
  const scripted: ScriptedFile[] = []
  let isAnyMatched = false
  for (const system of SYSTEMS) {
    const matched = files.matching(system.reads)
    const readable = matched.filter((path) => files.load(path).kind === 'text')
    isAnyMatched ||= matched.length > 0
    // What is in a directory that a link leads to is listed under its own name.
    for (const path of matched) if (files.load(path).kind !== 'text' && !isDirectory(files.load(path))) unread.add(path)
    if (readable.length === 0) continue
    const reading = readAll(await system.load(), files, readable, context, sourceTools)
    evidence.push(...reading.evidence)
    scripted.push(...(reading.written ?? []))
    const left = [...reading.needs, ...reading.globs]
    if (left.length > 0) {
      const what = `${left.length} more ${system.title} files than are followed (${show(left.slice(0, 3).join(', '))} …)`
      evidence.push(gap(context, readable[0] ?? '.', { code: 'limit', what, affects: { kind: 'folder' } }))
    }
    // What the machine's programs have answered meanwhile is taken at once: some are asked more then.
    await setImmediate()
  }
  if (!isAnyMatched)
    evidence.push(gap(context, '.', { code: 'empty', what: 'any file that Sallyport reads', affects: { kind: 'nothing' } }))
  evidence.push(...(await readScripted(context, files, walk, scripted)))
  // A link out of the folder may be to a directory, which no system reads by its name.
  for (const link of walk.links.map(printable)) if (leadsOut(files.load(link))) unread.add(link)
  evidence.push(...unreadGaps(context, files, unread))
  evidence.push(
    ...secretsInGit(context, files, walk),
    ...secretProblems(context, files, walk),
    ...secretsOfStarts(context, files, walk, evidence),
  )
  return evidence
}

/** Files that could not be read are named one by one up to so many of a kind. */
const MOST_NAMED = 20

function unreadGaps(context: Context, files: Files, paths: ReadonlySet<string>): readonly Evidence[] {
  const byKind = new Map<Gap['code'], Evidence[]>()
  const tests = new Map<string, string[]>()
  for (const path of paths) {
    const state = files.load(path)
    if (state.kind === 'absent' || state.kind === 'text') continue
    if (isTestPath(path)) {
      const same = tests.get(state.kind) ?? []
      tests.set(state.kind, same)
      same.push(path)
      continue
    }
    const found = byKind.get(state.kind) ?? []
    byKind.set(state.kind, found)
    found.push(gap(context, path, { code: state.kind, what: unreadText(path, state), affects: { kind: 'folder' } }))
  }
  const ofTests = [...tests.values()].flatMap((some) => unreadTest(context, files, some))
  const others = [...byKind].flatMap(([code, gaps]) =>
    gaps.length <= MOST_NAMED
      ? gaps
      : [
          ...gaps.slice(0, MOST_NAMED),
          gap(context, '.', {
            code,
            what: `${gaps.length - MOST_NAMED} more files that could not be read either`,
            affects: { kind: 'folder' },
          }),
        ],
  )
  return [...others, ...ofTests]
}

/** Those of tests, of one kind, in one line: they start nothing that matters. */
function unreadTest(context: Context, files: Files, [first, ...others]: readonly string[]): readonly Evidence[] {
  if (first === undefined) return []
  const state = files.load(first)
  if (state.kind === 'absent' || state.kind === 'text') return []
  const more = others.length === 0 ? '' : `, nor were ${others.length} more files of tests`
  return [gap(context, first, { code: state.kind, what: `${unreadText(first, state)}${more}`, affects: { kind: 'folder' } })]
}

/** Why a file was not read, for people. */
export function unreadText(path: string, state: Exclude<FileState, { kind: 'absent' | 'text' }>): string {
  switch (state.kind) {
    case 'denied':
      return `${path} may not be read by this user`
    case 'too-large':
      return `${path} is too large to be read (${Math.round(state.bytes / 1024 / 1024)} MB)`
    case 'not-text':
      return `${path} was not read: ${state.reason}`
    case 'not-a-file':
      return `${path} was not read: it is ${state.what}`
    default:
      return state satisfies never
  }
}

/** What of the folder was not even listed. */
function walkGaps(context: Context, walk: Walk): readonly Evidence[] {
  const { unlisted, withoutGit } = walk
  const gaps = unlisted.slice(0, MOST_NAMED).map(({ path, denied, remedy, why }) =>
    gap(context, printable(path), {
      code: denied ? 'denied' : remedy === undefined ? 'not-a-file' : 'absent',
      ...(remedy === undefined ? {} : { remedy }),
      what: `the directory ${printable(path) || '.'} (${show(why)})`,
      affects: { kind: 'folder' },
    }),
  )
  if (unlisted.length > MOST_NAMED)
    gaps.push(
      gap(context, '.', {
        code: 'limit',
        what: `${unlisted.length - MOST_NAMED} more directories that could not be listed`,
        affects: { kind: 'folder' },
      }),
    )
  if (!walk.complete)
    gaps.push(
      gap(context, '.', {
        code: 'limit',
        what: `the folder's files after the first ${MAX_FILES}`,
        remedy: 'check its parts one by one',
        affects: { kind: 'folder' },
      }),
    )
  const [first, ...others] = withoutGit
  if (first !== undefined)
    gaps.push(
      gap(context, printable(first.path) || '.', {
        code: GIT_GAPS[first.kind].code,
        what: `which files git tracks and ignores (${show(first.why)})${others.length === 0 ? '' : `, here and in ${counted(others.length, 'more repository', 'more repositories')}`}; all of them were looked at`,
        remedy: GIT_GAPS[first.kind].remedy,
        affects: { kind: 'nothing' },
      }),
    )
  return gaps
}

/** What helps where git did not list a folder. */
const GIT_GAPS: Readonly<Record<WithoutGit['kind'], Required<Pick<Gap, 'code' | 'remedy'>>>> = {
  missing: { code: 'tool-missing', remedy: 'install git' },
  denied: { code: 'denied', remedy: 'run as the owner of the folder' },
  failed: { code: 'not-understood', remedy: 'run as the owner of the folder; `git ls-files` there says what it does not like' },
  timeout: { code: 'limit', remedy: 'run it again when the machine is less busy, or check the parts of the folder one by one' },
  'too-large': { code: 'limit', remedy: 'check the parts of the folder one by one' },
}

function gap(context: Context, path: string, content: Omit<Gap, 'claim'>): Evidence {
  const remedy = content.code === 'denied' ? { remedy: 'run as a user who may read it' } : {}
  return evidenceIn(context, { claim: 'gap', ...remedy, ...content }, wholeFile(path))
}

/** The origin of a file as a whole, where no line of it can be shown. */
function wholeFile(path: string): FileOrigin {
  const start = { line: 1, column: 1, offset: 0 }
  return { kind: 'file', path, span: { start, end: start }, line: show('') }
}
