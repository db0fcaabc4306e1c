import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SECURITY_LOG } from '../../log/line.ts'
import type { Deployment } from '../part.ts'
import type { LineReader } from './event.ts'
import { readFail2banLine, readGuardLine, readNginxErrorLine, readNginxLine, readSshLine } from './readers.ts'

export interface LogFile {
  readonly path: string
  readonly read: LineReader
}

/** Where Debian, Ubuntu (auth.log) and Red Hat (secure) keep what sshd says. */
const SSH_LOGS = ['/var/log/auth.log', '/var/log/secure']
const NGINX_LOGS = '/var/log/nginx'

/** The logs that are there, each with what reads its lines; and whose were looked for and are not. */
export function securityLogs({ folder, parts }: Deployment): { readonly files: readonly LogFile[]; readonly missing: readonly string[] } {
  const directories = parts.flatMap(({ row }) => row.launches.map(({ claim }) => claim.workingDirectory ?? ''))
  const guard = [...new Set(['', ...directories])].map((directory) => ({
    path: join(folder, directory, SECURITY_LOG),
    read: readGuardLine,
  }))
  const nginx = webLogs().map((path) => ({ path, read: path.endsWith('access.log') ? readNginxLine : readNginxErrorLine }))
  const groups: readonly (readonly [string, readonly LogFile[]])[] = [
    [`the guard’s (${SECURITY_LOG})`, guard],
    ['sshd’s (/var/log/auth.log)', SSH_LOGS.map((path) => ({ path, read: readSshLine }))],
    [`nginx’s (${NGINX_LOGS})`, nginx],
    ['fail2ban’s (/var/log/fail2ban.log)', [{ path: '/var/log/fail2ban.log', read: readFail2banLine }]],
  ]
  const there = groups.map(([name, files]) => [name, files.filter(({ path }) => isThere(path))] as const)
  return {
    files: there.flatMap(([, files]) => files),
    missing: there.flatMap(([name, files]) => (files.length === 0 ? [name] : [])),
  }
}

function webLogs(): readonly string[] {
  try {
    return readdirSync(NGINX_LOGS)
      .filter((name) => /(?:access|error)\.log$/.test(name))
      .toSorted()
      .map((name) => join(NGINX_LOGS, name))
  } catch (error) {
    // That it cannot be listed is told where it is read.
    return isAbsent(error) ? [] : [NGINX_LOGS]
  }
}

/** What may not be looked at is there, as far as anybody knows. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    return !isAbsent(error)
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
}
