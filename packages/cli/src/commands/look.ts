import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { audit, type AuditReport } from '@sallyport/core/audit'
import { Failure, mistakeText, showLines } from '../failure.ts'
import { progress } from '../report/progress.ts'
import { environmentOf, loadPolicy, type PolicyOptions } from './policy.ts'

export type Scope = 'folder' | 'host' | 'both'

export interface LookOptions extends PolicyOptions {
  readonly scope: Scope
  /** Look as if there were no policy. */
  readonly ignorePolicy?: boolean
}

/** Collects what the scope asks for, reads the policy and audits: what every looking command starts with. */
export async function look(folder: string, options: LookOptions): Promise<AuditReport> {
  const path = folderAt(folder, options.scope)
  const note = (text: string): void => void process.stderr.write(`${showLines(text)}\n`)
  const now = Date.now()
  const done = progress(showLines(`looking at ${options.scope === 'host' ? 'this machine' : folder}`))
  try {
    const root = realpathSync(path)
    // The machine first: its programs answer while the rest is read.
    const [machine, folderEvidence, policy] = await Promise.all([
      options.scope === 'folder'
        ? []
        : import('../collect/machine/index.ts').then(({ collectMachine }) =>
            collectMachine(now, process.env, options.scope === 'host' ? undefined : root),
          ),
      options.scope === 'host' ? [] : import('../collect/folder/index.ts').then(({ collectFolder }) => collectFolder(root, now)),
      options.ignorePolicy === true
        ? undefined
        : loadPolicy(root, options, (mistake) => void process.stderr.write(`${mistakeText(mistake, 'warning: ').join('\n')}\n`)),
    ])
    if (policy === undefined && options.environment !== undefined)
      note(`warning: there is no policy here, so --environment ${options.environment} changes nothing`)
    return audit({
      evidence: [...folderEvidence, ...machine],
      policy,
      folder: root,
      now,
      environment: environmentOf(options),
    })
  } finally {
    done()
  }
}

/** The absolute path of a folder that can be looked at. Throws `Failure` where it is not there, no folder, or closed to this user. */
export function folderAt(folder: string, scope: Scope): string {
  const path = resolve(folder)
  if (!existsSync(path))
    throw new Failure(`there is no folder ${folder}`, 'name the folder of the deployment, or leave it out for the current one')
  if (!statSync(path).isDirectory()) throw new Failure(`${folder} is not a folder`, 'name the folder that it is in')
  if (scope !== 'host') refuseClosed(path, folder)
  return path
}

/** What is in a folder that this user may not list or enter is not nothing. */
function refuseClosed(path: string, folder: string): void {
  try {
    accessSync(path, constants.R_OK | constants.X_OK)
  } catch {
    throw new Failure(`this user may not look into ${folder}`, 'run it as a user who may, or name another folder')
  }
}
