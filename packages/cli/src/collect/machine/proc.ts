import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Reads a file of /proc or /sys, or says by `undefined` that the process has gone or is not ours to see. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

export function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

export function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** The inode of a namespace link, `net:[4026531840]` → `4026531840`. */
export function namespaceOf(pid: number | 'self'): string | undefined {
  return /\[(\d+)\]/.exec(readLink(`/proc/${pid}/ns/net`) ?? '')?.[1]
}

export type Descriptors =
  | { readonly kind: 'seen'; readonly sockets: readonly string[] }
  | { readonly kind: 'denied' }
  | { readonly kind: 'gone' }

/** The inodes of the sockets that a process holds open. */
export function socketInodes(pid: number): Descriptors {
  let names: string[]
  try {
    names = readdirSync(`/proc/${pid}/fd`)
  } catch (error) {
    return { kind: (error as NodeJS.ErrnoException).code === 'EACCES' ? 'denied' : 'gone' }
  }
  const sockets: string[] = []
  for (const name of names) {
    const target = readLink(`/proc/${pid}/fd/${name}`)
    if (target?.startsWith('socket:[')) sockets.push(target.slice(8, -1))
  }
  return { kind: 'seen', sockets }
}
