import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'

/**
 * Gives a file the access control list and the extended attributes of another one (acl(5), xattr(7)), which Node has no call for: cp(1) of
 * GNU coreutils carries them over without any contents. Where the old file has a list and cp cannot, throws: by its mode alone the mask of the
 * list would become the right of the group.
 */
export function carryAttributes(from: string, to: string): void {
  if (process.platform !== 'linux') return
  const [source, target] = [openReal(from, constants.O_RDONLY), openReal(to, constants.O_RDWR)]
  try {
    // By their descriptors: whoever owns the directory may put a link by either name.
    const stdio = ['ignore', 'ignore', 'ignore', source, target] as const
    const words = ['--attributes-only', '--preserve=mode,xattr', '/proc/self/fd/3', '/proc/self/fd/4']
    if (spawnSync('cp', words, { stdio: [...stdio] }).status === 0 || !hasList(source)) return
    throw new Error(`${from} has an access control list, which cannot be carried over here`)
  } finally {
    closeSync(source)
    closeSync(target)
  }
}

function openReal(path: string, flags: number): number {
  return openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK)
}

/** ls(1) puts a `+` behind the mode of a file that has more than its mode says. */
function hasList(descriptor: number): boolean {
  const { stdout } = spawnSync('ls', ['-lLd', '/proc/self/fd/3'], { stdio: ['ignore', 'pipe', 'ignore', descriptor], encoding: 'utf8' })
  return stdout?.[10] === '+'
}
