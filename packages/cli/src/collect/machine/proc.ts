import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { NamespaceId } from '@sallyport/core/evidence'

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

/** The processes that can be seen; none where /proc is not mounted. */
export function pids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

/** Threads of the kernel are in the machine's own namespaces and hold no socket of anybody's: PF_KTHREAD of include/linux/sched.h. */
export function isKernelThread(pid: number): boolean {
  const stat = readProc(`/proc/${pid}/stat`) ?? ''
  const flags = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6])
  return (flags & 0x00200000) !== 0
}

export type NamespaceOf = { readonly kind: 'seen'; readonly id: NamespaceId } | { readonly kind: 'denied' } | { readonly kind: 'gone' }

/** The network namespace of a process: the inode of a link like `net:[4026531840]`. */
export function networkNamespace(pid: number | 'self'): NamespaceOf {
  try {
    const id = /\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[1]
    return id === undefined ? { kind: 'gone' } : { kind: 'seen', id }
  } catch (error) {
    return { kind: isDenied(error) ? 'denied' : 'gone' }
  }
}

export function namespaceOf(pid: number | 'self'): NamespaceId | undefined {
  const namespace = networkNamespace(pid)
  return namespace.kind === 'seen' ? namespace.id : undefined
}

function isDenied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EACCES' || code === 'EPERM'
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
    return { kind: isDenied(error) ? 'denied' : 'gone' }
  }
  const sockets: string[] = []
  for (const name of names) {
    const target = readLink(`/proc/${pid}/fd/${name}`)
    if (target?.startsWith('socket:[')) sockets.push(target.slice(8, -1))
  }
  return { kind: 'seen', sockets }
}
