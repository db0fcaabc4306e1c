import { readFileSync, statSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { type Ran, run } from '../../collect/run.ts'
import { readProc } from '../../collect/machine/proc.ts'
import { Failure } from '../../failure.ts'
import { findProgram } from '../../lifecycle/managers/programs.ts'

/** The PM2 of the user who runs this: its daemon, and the program that talks to it. */
export interface Daemon {
  /** PM2_HOME. */
  readonly home: string
  readonly pid: number
  readonly program: string
  /** The variables of a login of this user and nothing else: PM2 hands an app that it starts whatever its own program has. */
  readonly environment: Readonly<Record<string, string>>
}

/** Longer than a daemon with many apps takes to answer. */
const PATIENCE_MS = 15_000

/** Throws `Failure` where none runs, or where it is not clear whose is meant. Looking starts none, which every command of PM2 else would. */
export function findDaemon(folder: string): Daemon {
  const named = process.env['PM2_HOME']
  const own = process.env['HOME'] ?? homedir()
  const home = resolve(named ?? join(own, '.pm2'))
  const pid = daemonIn(home)
  const { username } = userInfo()
  const other = process.env['SUDO_USER']
  const isSudo = process.geteuid?.() === 0 && other !== undefined && other !== '' && other !== 'root'
  if (pid === undefined)
    throw new Failure(
      `no PM2 of ${username} runs (${home})`,
      isSudo
        ? `if PM2 is ${other}’s, run this as ${other}, without sudo`
        : 'start it first, as with pm2 resurrect or pm2 start, or name its folder by PM2_HOME',
    )
  const owner = statSync(`/proc/${pid}`).uid
  if (owner !== process.geteuid?.())
    throw new Failure(
      `the PM2 of ${home} runs as user ${nameOf(owner) ?? owner}, and this as ${username}`,
      `run this as that user${isSudo ? ', without sudo' : ''}`,
    )
  if (isSudo && named === undefined && runsFor(other))
    throw new Failure(
      `both root and ${other} have a PM2 that runs`,
      `run this as ${other}, without sudo; or as root with PM2_HOME=${home}, to mean root’s`,
    )
  const program = findProgram('pm2', folder)
  if (program === undefined) throw new Failure('pm2 is not installed', 'install it: npm install -g pm2, or in the deployment')
  const path = [process.env['PATH'] ?? '', dirname(process.execPath)].filter((text) => text !== '').join(delimiter)
  const language = process.env['LANG']
  return {
    home,
    pid,
    program,
    environment: {
      PATH: path,
      HOME: own,
      USER: username,
      LOGNAME: username,
      ...(language === undefined ? {} : { LANG: language }),
      PM2_HOME: home,
    },
  }
}

/** Asks or tells the daemon; what PM2 says of itself beside that is left out. */
export function tell({ program, environment }: Daemon, words: readonly string[]): Promise<Ran> {
  return run(program, words, { timeoutMs: PATIENCE_MS, environment: { ...environment, PM2_DISCRETE_MODE: 'true' } })
}

/** The process of the daemon (lib/Daemon.js gives itself a title); a number that another process has since is not taken for it. */
function daemonIn(home: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(home, 'pm2.pid'), 'latin1'))
    return Number.isInteger(pid) && pid > 0 && /pm2/i.test(readProc(`/proc/${pid}/cmdline`) ?? '') ? pid : undefined
  } catch {
    return undefined
  }
}

function runsFor(user: string): boolean {
  const home = accounts().find(({ name }) => name === user)?.home
  return home !== undefined && daemonIn(join(home, '.pm2')) !== undefined
}

function nameOf(uid: number): string | undefined {
  return accounts().find((account) => account.uid === uid)?.name
}

/** passwd(5). */
function accounts(): readonly { readonly name: string; readonly uid: number; readonly home: string }[] {
  return (readProc('/etc/passwd') ?? '').split('\n').flatMap((line) => {
    const [name, , uid, , , home] = line.split(':')
    return name === undefined || uid === undefined || home === undefined ? [] : [{ name, uid: Number(uid), home }]
  })
}
