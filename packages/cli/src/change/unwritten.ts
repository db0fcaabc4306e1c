import { existsSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Why the system does not let a file be written, in words. Of the file that was asked for: its own messages name the one beside it that is written
 * first, which nobody has heard of.
 */
export function whyUnwritten(error: unknown, target: string): string {
  const { code, message } = error as NodeJS.ErrnoException
  const folder = dirname(target)
  // Those that were to be made on the way are not there.
  let there = folder
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there)
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `this user may not write in ${there}`
    case 'EROFS':
      return `${there} is on a file system that is mounted read-only`
    case 'ENOSPC':
    case 'EDQUOT':
      return `there is no room left in ${there}`
    case 'ENOENT':
      return `there is no folder ${folder}`
    case 'ENOTDIR':
      return `${folder} is no folder`
    case 'EISDIR':
      return `${target} is a folder`
    default:
      return code ?? message
  }
}
