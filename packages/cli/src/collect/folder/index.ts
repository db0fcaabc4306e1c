import { hostname } from 'node:os'
import { realpathSync } from 'node:fs'
import { type Evidence, type FileOrigin, type Gap, show } from '@sallyport/core/evidence'
import { type Context, evidenceIn, type FileState, SYSTEMS } from '@sallyport/core/systems'
import { Files, readAll } from '../snapshot.ts'
import { sourceTools } from '../source.ts'
import { secretsInGit } from './secrets.ts'
import { MAX_FILES, walkFolder } from './walk.ts'

/** Everything that the files of a folder say. Nothing in it is executed, and nothing outside it is read. */
export async function collectFolder(folder: string, capturedAt: number): Promise<readonly Evidence[]> {
  const root = realpathSync(folder)
  const walk = await walkFolder(root)
  const files = new Files({ path: root, chroot: false }, walk.paths)
  const context: Context = { host: hostname(), standing: 'configured', capturedAt }
  const evidence: Evidence[] = []
  if (!walk.complete)
    evidence.push(
      gap(context, '.', {
        code: 'limit',
        what: `the folder's files after the first ${MAX_FILES}`,
        remedy: 'check its parts one by one',
        affects: { kind: 'folder' },
      }),
    )
  const unreadable = new Set<string>()
  const readings = SYSTEMS.map(async (system) => {
    const matched = files.matching(system.reads)
    const readable = matched.filter((path) => files.load(path).kind === 'text')
    for (const path of matched) if (!readable.includes(path)) unreadable.add(path)
    if (readable.length === 0) return
    const reading = readAll(await system.load(), files, readable, context, sourceTools)
    evidence.push(...reading.evidence)
    if (reading.needs.length + reading.globs.length > 0)
      evidence.push(
        gap(context, readable[0] ?? '.', {
          code: 'limit',
          what: `more ${system.title} files than are followed (${[...reading.needs, ...reading.globs].slice(0, 3).join(', ')} …)`,
          affects: { kind: 'folder' },
        }),
      )
  })
  await Promise.all(readings)
  for (const path of unreadable) {
    const state = files.load(path)
    if (state.kind !== 'absent' && state.kind !== 'text') evidence.push(gap(context, path, unreadableGap(path, state)))
  }
  evidence.push(...secretsInGit(context, files, walk))
  return evidence
}

function unreadableGap(path: string, state: Exclude<FileState, { kind: 'absent' | 'text' }>): Omit<Gap, 'claim'> {
  switch (state.kind) {
    case 'denied':
      return { code: 'denied', what: `${path} may not be read by this user`, affects: { kind: 'folder' } }
    case 'too-large':
      return {
        code: 'too-large',
        what: `${path} is too large to be read (${Math.round(state.bytes / 1024 / 1024)} MB)`,
        affects: { kind: 'folder' },
      }
    case 'not-text':
      return { code: 'not-text', what: `${path} was not read: ${state.reason}`, affects: { kind: 'folder' } }
    case 'not-a-file':
      return { code: 'not-a-file', what: `${path} was not read: it is ${state.what}`, affects: { kind: 'folder' } }
    default:
      return state satisfies never
  }
}

function gap(context: Context, path: string, content: Omit<Gap, 'claim'>): Evidence {
  return evidenceIn(context, { claim: 'gap', ...content }, wholeFile(path))
}

/** The origin of a file as a whole, where no line of it can be shown. */
export function wholeFile(path: string): FileOrigin {
  const start = { line: 1, column: 1, offset: 0 }
  return { kind: 'file', path, span: { start, end: start }, line: show('') }
}
