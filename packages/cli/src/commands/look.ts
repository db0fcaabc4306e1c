import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { auditHosts, type AuditReport } from '@sallyport/core/audit'
import type { Evidence } from '@sallyport/core/evidence'
import { shellWord } from '@sallyport/core/systems'
import { Failure, mistakeText, showLines } from '../failure.ts'
import { isFolder } from '../is-folder.ts'
import { progress } from '../report/progress.ts'
import { environmentOf, loadPolicy, type PolicyOptions } from './policy.ts'

export type Scope = 'folder' | 'host' | 'both'

export interface LookOptions extends PolicyOptions {
  readonly scope: Scope
  /** Look as if there were no policy. */
  readonly ignorePolicy?: boolean
  /** Files of `sallyport capture`, one a host, that are looked at in place of this machine. */
  readonly evidence?: readonly string[]
}

/** Collects what the scope asks for, reads the policy and audits: what every looking command starts with. Of one host. */
export async function look(folder: string, options: LookOptions): Promise<AuditReport> {
  const [report, another] = await lookAtAll(folder, options)
  if (report === undefined || another !== undefined)
    throw new Failure('this is told of one host at a time', 'name one file with --evidence')
  return report
}

/** A report for each host whose evidence is given, or for this machine. */
export async function lookAtAll(folder: string, options: LookOptions): Promise<readonly AuditReport[]> {
  const path = folderAt(folder, options.scope)
  const note = (text: string): void => void process.stderr.write(`${showLines(text)}\n`)
  const now = Date.now()
  const done = progress(showLines(`looking at ${options.scope === 'host' ? 'this machine' : folder}`))
  try {
    const root = await recovered(path)
    // The machine first: its programs answer while the rest is read. Loaded before, so that they are asked before anything else begins.
    const lookAtHosts = await hostsOf(options, root, now)
    const [hosts, folderEvidence, policy] = await Promise.all([
      lookAtHosts(),
      isFolderRead(options) ? import('../collect/folder/index.ts').then(({ collectFolder }) => collectFolder(root, now)) : [],
      options.ignorePolicy === true
        ? undefined
        : loadPolicy(root, options, (mistake) => void process.stderr.write(`${mistakeText(mistake, 'warning: ').join('\n')}\n`)),
    ])
    if (policy === undefined && options.environment !== undefined)
      note(`warning: there is no policy here, so --environment ${options.environment} changes nothing`)
    const environment = environmentOf(options)
    return auditHosts(hosts.map((machine) => ({ evidence: [...folderEvidence, ...machine], policy, folder: root, now, environment })))
  } finally {
    done()
  }
}

/** The folder without links in its path, once what a killed command left half-done in it is put right. */
export async function recovered(path: string): Promise<string> {
  const root = realpathSync(path)
  // Nothing is loaded for the many folders in which nothing was ever changed.
  if (!existsSync(join(root, '.sallyport', 'journal.json'))) return root
  const { recover } = await import('../change/apply.ts')
  const found = await recover(root)
  if (found !== undefined) {
    const { outcome, record, foreign } = found
    if (outcome === 'not followed')
      process.stderr.write(
        showLines(
          `warning: ${join(root, '.sallyport', 'journal.json')} tells of a change (sallyport ${record.command}) that was interrupted in another folder, or before this file system was mounted anew: it is not followed; see whether files are half changed, and remove it\n`,
        ),
      )
    else process.stderr.write(showLines(`note: sallyport ${record.command} was interrupted here: its change is ${outcome}\n`))
    for (const file of foreign) process.stderr.write(showLines(`note: ${file} was edited since, and is left as it is\n`))
  }
  return root
}

/** What tells what is seen of each host that is looked at; of none, nothing. */
async function hostsOf(options: LookOptions, folder: string, now: number): Promise<() => Promise<readonly (readonly Evidence[])[]>> {
  const files = options.evidence ?? []
  if (files.length > 0) {
    if (options.scope === 'folder') throw new Failure('--scope folder looks at no host', 'leave out --scope, or --evidence')
    return () => capturedHosts(files)
  }
  if (options.scope === 'folder') return () => Promise.resolve([[]])
  const { collectMachine } = await import('../collect/machine/index.ts')
  return async () => [await collectMachine(now, process.env, options.scope === 'host' ? undefined : folder)]
}

async function capturedHosts(files: readonly string[]): Promise<readonly (readonly Evidence[])[]> {
  const { readCaptureFile } = await import('../collect/captures.ts')
  const captures = files.map((file) => ({ file, capture: readCaptureFile(file) }))
  for (const [index, { file, capture }] of captures.entries()) {
    const before = captures.slice(0, index).find((other) => other.capture.host === capture.host)
    if (before !== undefined)
      throw new Failure(
        `${before.file} and ${file} are both of the host ${capture.host}`,
        'name one file a host; sallyport diff tells what two of one host differ in',
      )
  }
  return captures.map(({ capture }) => capture.evidence)
}

/** Which of several hosts a folder is deployed on cannot be told: then it gives the policy alone. */
export function isFolderRead({ scope, evidence }: Pick<LookOptions, 'scope' | 'evidence'>): boolean {
  return scope !== 'host' && (evidence ?? []).length < 2
}

/** The absolute path of a folder that can be looked at. Throws `Failure` where it is not there, no folder, or closed to this user. */
export function folderAt(folder: string, scope: Scope): string {
  // As of "$DIR" where nothing has set it: the current folder is hardly what was meant.
  if (folder === '') throw new Failure('the name of the folder is empty', 'name the folder of the deployment; for the current one, .')
  const path = resolve(folder)
  if (!existsSync(path))
    throw new Failure(`there is no folder ${folder}`, 'name the folder of the deployment, or leave it out for the current one')
  if (!statSync(path).isDirectory()) throw new Failure(`${folder} is not a folder`, 'name the folder that it is in')
  if (scope !== 'host') refuseClosed(path, folder)
  return path
}

/** Throws `Failure` where a folder was named in the place of something else, a service as a rule. */
export function refuseFolder(word: string, instead = 'service'): void {
  if (isFolder(word)) throw new Failure(`${word} is a folder, and no ${instead}`, `a folder is given as --folder ${shellWord(word)}`)
}

/** What is in a folder that this user may not list or enter is not nothing. */
function refuseClosed(path: string, folder: string): void {
  try {
    accessSync(path, constants.R_OK | constants.X_OK)
  } catch {
    throw new Failure(`this user may not look into ${folder}`, 'run it as a user who may, or name another folder')
  }
}
