import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { AuditReport } from '@sallyport/core/audit'
import type { Origin } from '@sallyport/core/evidence'
import { Failure } from '../failure.ts'
import type { ComposeProject } from './part.ts'

/** The names under which compose looks for its files by itself, and for what it lays over them (compose-go cli/options.go). */
const USUAL = /^(?:docker-)?compose(?:\.override)?\.ya?ml$/

/** Which compose files the deployment is started with: those that are named, else the usual ones, else the only other one. */
export function composeProjectOf(
  report: AuditReport,
  folder: string,
  named: readonly string[],
): { readonly project: ComposeProject | undefined; readonly notes: readonly string[] } {
  if (named.length > 0) {
    const files = named.map((file) => resolve(folder, file))
    for (const file of files)
      if (!existsSync(file)) throw new Failure(`there is no compose file ${file}`, 'name one that is there with --file')
    return { project: { directory: dirname(files[0] ?? folder), files }, notes: [] }
  }
  const paths = filesOf(report)
  const usual = paths.filter((path) => USUAL.test(basename(path)))
  const directories = [...new Set((usual.length > 0 ? usual : paths).map((path) => dirname(path)))]
  // The deployment's own are at its top; what is deeper (examples, tests) is looked at where there is nothing else.
  const directory = directories.includes('.') ? '.' : directories[0]
  if (directory === undefined) return { project: undefined, notes: [] }
  const here = paths.filter((path) => dirname(path) === directory)
  if (directory !== '.' && directories.length > 1)
    throw new Failure(`there are compose files in ${directories.join(' and ')}`, 'name those that hold with --file')
  const others = here.filter((path) => !USUAL.test(basename(path)))
  if (here.length > others.length) {
    const notes = others.length === 0 ? [] : [`compose takes its usual files; ${others.join(', ')} with --file`]
    return { project: { directory: join(folder, directory), files: [] }, notes }
  }
  const [only, another] = others
  if (only === undefined) return { project: undefined, notes: [] }
  if (another !== undefined) throw new Failure(`there are several compose files: ${others.join(', ')}`, 'name those that hold with --file')
  return { project: { directory: join(folder, directory), files: [join(folder, only)] }, notes: [] }
}

/** Whether what is described there is a part of the project. */
export function isOfProject(origin: Origin, { directory, files }: ComposeProject, folder: string): boolean {
  if (origin.kind !== 'file') return false
  const path = join(folder, origin.path)
  return files.length > 0 ? files.includes(path) : dirname(path) === directory && USUAL.test(basename(path))
}

function filesOf({ rows }: AuditReport): readonly string[] {
  const paths = rows.flatMap(({ containers }) =>
    containers.flatMap(({ claim, origin }) =>
      claim.manager === undefined && claim.project !== '' && origin.kind === 'file' && /compose/.test(basename(origin.path))
        ? [origin.path]
        : [],
    ),
  )
  return [...new Set(paths)].toSorted()
}
