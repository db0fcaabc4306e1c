import type { NamespaceId } from '@sallyport/core/evidence'
import { descriptorsOf, isKernelThread, pids } from './proc.ts'

/** A file that stands for a network namespace. */
export interface NamespaceFile {
  readonly id: NamespaceId
  readonly path: string
}

/** What the processes of this machine hold open. */
export interface Holders {
  /** The processes that hold a socket, by its inode. */
  readonly sockets: ReadonlyMap<string, readonly number[]>
  readonly namespaces: readonly NamespaceFile[]
  /** `path`: what the kernel says of the link. */
  readonly bpfLinks: readonly { readonly pid: number; readonly path: string }[]
  /** So many processes did not show what they hold. */
  readonly hidden: number
}

/** Asks every process. Another user's descriptors are closed to an ordinary user. */
export function readHolders(): Holders {
  const sockets = new Map<string, number[]>()
  const namespaces = new Map<NamespaceId, NamespaceFile>()
  const bpfLinks: { pid: number; path: string }[] = []
  let hidden = 0
  for (const pid of pids()) {
    const descriptors = descriptorsOf(pid)
    if (descriptors.kind === 'denied' && !isKernelThread(pid)) hidden++
    if (descriptors.kind !== 'seen') continue
    for (const inode of descriptors.sockets) {
      const list = sockets.get(inode)
      if (list === undefined) sockets.set(inode, [pid])
      else if (!list.includes(pid)) list.push(pid)
    }
    for (const path of descriptors.bpfLinks) bpfLinks.push({ pid, path })
    for (const file of descriptors.namespaces) if (!namespaces.has(file.id)) namespaces.set(file.id, file)
  }
  return { sockets, namespaces: [...namespaces.values()], bpfLinks, hidden }
}
