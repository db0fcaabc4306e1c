import { existsSync, readFileSync, rmSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { items, type Json, parseJson, textField } from '@sallyport/core/systems'
import { Failure } from '../../failure.ts'
import { complaint } from '../namespace.ts'
import { CURRENT } from '../state.ts'
import { type Daemon, findDaemon, tell } from './daemon.ts'
import type { Listed } from './listed.ts'
import { type Part, textThere, textWanted } from './plan.ts'
import { FILES } from './scripts.ts'

/** What `pm2 resurrect` would bring back; `undefined`: nothing was saved, or it cannot be read. */
function dump({ home }: Daemon): readonly Json[] | undefined {
  try {
    const list = parseJson(readFileSync(join(home, 'dump.pm2'), 'utf8'))
    return Array.isArray(list) ? items(list) : undefined
  } catch {
    return undefined
  }
}

function asListed(definition: Json): Listed {
  const name = textField(definition, 'name') ?? ''
  const nothing = { id: 0, pid: 0, status: '', restarts: 0, startedAt: 0, minUptime: 0, isCluster: false, isModule: false }
  return { ...nothing, name, definition }
}

/** Whether what the policy says of the apps is what comes back after a restart of the machine. */
export function isSaved(daemon: Daemon, parts: readonly Part[]): boolean {
  const saved = (dump(daemon) ?? []).map(asListed)
  return parts.every((part) => {
    const own = saved.filter(({ name }) => name === part.app.name)
    return own.length > 0 && textThere(part, own) === textWanted(part)
  })
}

/** Apps of others that saving the list makes last, or that it forgets. */
export function savedBeside(daemon: Daemon, parts: readonly Part[], all: readonly Listed[]): readonly string[] {
  const own = new Set(parts.map(({ app }) => app.name))
  const saved = new Set((dump(daemon) ?? []).map((definition) => textField(definition, 'name') ?? ''))
  const now = new Set(all.flatMap(({ name, isModule }) => (isModule ? [] : [name])))
  const differs = (names: ReadonlySet<string>, others: ReadonlySet<string>): readonly string[] =>
    [...names].filter((name) => !own.has(name) && !others.has(name))
  return [
    ...differs(now, saved).map((name) => `${name}, which was not saved so far`),
    ...differs(saved, now).map((name) => `not ${name} any more, which PM2 does not have now`),
  ]
}

/** The file that names the daemon that was told the change. */
export const TOLD = 'daemon'

/** A daemon that was started anew has what was saved before. */
export async function refuseLost(): Promise<void> {
  if (readFileSync(join(CURRENT, TOLD), 'latin1') === String(findDaemon(process.cwd()).pid)) return
  throw new Failure(
    'PM2 was started anew before the change was confirmed, and has what was saved before',
    'put an end to it with sallyport apply --revert, and apply it again',
  )
}

/** `pm2 save`, also of a list that is empty, and away with what the way back was: there may be secrets in it. */
export async function keep(): Promise<void> {
  const ran = await tell(findDaemon(process.cwd()), ['save', '--force'])
  if (ran.kind !== 'ok') throw new Failure(`pm2 save failed: ${complaint(ran)}`, 'correct that, and run sallyport apply --confirm again')
  for (const name of Object.values(FILES)) rmSync(join(CURRENT, name), { force: true })
}

/** Where `pm2 startup` puts what brings the list back (lib/API/Startup.js), as far as there is systemd. */
const UNIT_FOLDERS = ['/etc/systemd/system', '/etc/systemd/system/multi-user.target.wants', join(homedir(), '.config/systemd/user')]

export function doubts(): Promise<readonly (readonly [warning: string, next: string])[]> {
  const { username } = userInfo()
  if (UNIT_FOLDERS.some((folder) => existsSync(join(folder, `pm2-${username}.service`)))) return Promise.resolve([])
  return Promise.resolve([
    [
      `nothing starts PM2 of ${username} when this machine starts, as far as can be seen`,
      'pm2 startup prints the command that has to be run once, as root',
    ],
  ])
}
