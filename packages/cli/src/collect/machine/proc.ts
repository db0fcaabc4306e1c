import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { NamespaceId, Protocol } from '@sallyport/core/evidence'

/** Reads a file of /proc or /sys, or says by `undefined` that the process has gone or is not ours to see. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** The tables of sockets below /proc/PID/net that have listeners of these protocols. */
export const SOCKET_TABLES = [
  { file: 'tcp', protocol: 'tcp' },
  { file: 'tcp6', protocol: 'tcp' },
  { file: 'udp', protocol: 'udp' },
  { file: 'udp6', protocol: 'udp' },
] as const satisfies readonly { readonly file: string; readonly protocol: Protocol }[]

/**
 * A page of the kernel's, less the longest row of a table of sockets: a read that gives less has come to the end (fs/seq_file.c gives
 * whole rows). Those of tcp are padded to 150 bytes; one of tcp6 has no such end, and its numbers could take 300 (get_tcp6_sock in
 * net/ipv6/tcp_ipv6.c).
 */
const SHORT_READ = 4096 - 512
const PIECE = 64 * 1024

/**
 * Reads /proc/net/tcp or tcp6. Behind the last listener each read walks the whole table of connections, which takes milliseconds: the
 * one that would give nothing is left out.
 */
export function readTcp(path: string): string | undefined {
  try {
    const descriptor = openSync(path, 'r')
    try {
      const buffer = Buffer.allocUnsafe(PIECE)
      let text = ''
      for (;;) {
        const read = readSync(descriptor, buffer, 0, buffer.length, null)
        text += buffer.toString('latin1', 0, read)
        if (read < SHORT_READ) return text
      }
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}

/** The same, while something else is done. */
export async function readTcpMeanwhile(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const buffer = Buffer.allocUnsafe(PIECE)
      let text = ''
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
        text += buffer.toString('latin1', 0, bytesRead)
        if (bytesRead < SHORT_READ) return text
      }
    } finally {
      await file.close()
    }
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

/** The inode behind a path, links followed; `undefined` where it cannot be told. */
export function inodeOf(path: string): string | undefined {
  try {
    return String(statSync(path).ino)
  } catch {
    return undefined
  }
}

/** The processes that can be seen; none where /proc is not mounted. */
export function pids(): readonly number[] {
  return numbersIn('/proc')
}

/** The threads of a process, itself first among them. */
export function threads(pid: number): readonly number[] {
  return numbersIn(`/proc/${pid}/task`)
}

function numbersIn(folder: string): readonly number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

/**
 * What /proc/PID/stat tells from the third field on, the state (proc_pid_stat(5)); the name before it, in brackets, may hold anything. Empty when
 * the process is gone.
 */
export function statFields(pid: number | 'self'): readonly string[] {
  const stat = readProc(`/proc/${pid}/stat`)
  return stat === undefined ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** Threads of the kernel are in the machine's own namespaces and hold no socket of anybody's: PF_KTHREAD of include/linux/sched.h. */
export function isKernelThread(pid: number): boolean {
  return (Number(statFields(pid)[6]) & 0x00200000) !== 0
}

export type NamespaceOf = { readonly kind: 'seen'; readonly id: NamespaceId } | { readonly kind: 'denied' } | { readonly kind: 'gone' }

/** The network namespace of what is in a folder of /proc, a process's or a thread's: the inode of a link like `net:[4026531840]`. */
export function networkNamespace(folder: string): NamespaceOf {
  try {
    const id = namespaceIn(readlinkSync(`${folder}/ns/net`))
    return id === undefined ? { kind: 'gone' } : { kind: 'seen', id }
  } catch (error) {
    return { kind: isDenied(error) ? 'denied' : 'gone' }
  }
}

export function namespaceOf(pid: number | 'self'): NamespaceId | undefined {
  const namespace = networkNamespace(`/proc/${pid}`)
  return namespace.kind === 'seen' ? namespace.id : undefined
}

function namespaceIn(link: string): NamespaceId | undefined {
  return /^net:\[(\d+)\]$/.exec(link)?.[1]
}

let namespaceDevice: number | undefined

/** A file that stood for a namespace and is not mounted any more is shown as `/`, and is still of the file system of namespaces (fs/nsfs.c). */
function unmountedNamespace(path: string): NamespaceId | undefined {
  try {
    namespaceDevice ??= statSync('/proc/self/ns/net').dev
    const { dev, ino } = statSync(path)
    return dev === namespaceDevice ? String(ino) : undefined
  } catch {
    return undefined
  }
}

function isDenied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EACCES' || code === 'EPERM'
}

export type Descriptors =
  | {
      readonly kind: 'seen'
      /** The inodes of the sockets that are held open. */
      readonly sockets: readonly string[]
      /** The network namespaces that are held open, and by which descriptor; of those that were mounted once it is not told of which kind they are. */
      readonly namespaces: readonly { readonly id: NamespaceId; readonly path: string }[]
      /** Where the kernel describes the BPF links that are held open: files of /proc/PID/fdinfo. */
      readonly bpfLinks: readonly string[]
    }
  | { readonly kind: 'denied' }
  | { readonly kind: 'gone' }

/** What a process holds open, and those of its threads that share it no more (unshare(2), CLONE_FILES) or have outlived it. */
export function descriptorsOf(pid: number): Descriptors {
  const own = descriptorsIn(`/proc/${pid}/fd`)
  if (own.kind !== 'seen') return own
  const others = threads(pid).flatMap((thread) => {
    const folder = `/proc/${pid}/task/${thread}/fd`
    const numbers = thread === pid ? own.numbers : numbersIn(folder).length
    const read = numbers === own.numbers ? undefined : descriptorsIn(folder)
    return read?.kind === 'seen' ? [read] : []
  })
  return {
    kind: 'seen',
    sockets: [own, ...others].flatMap(({ sockets }) => sockets),
    namespaces: [own, ...others].flatMap(({ namespaces }) => namespaces),
    bpfLinks: [own, ...others].flatMap(({ bpfLinks }) => bpfLinks),
  }
}

function descriptorsIn(
  folder: string,
): (Descriptors & { readonly kind: 'seen'; readonly numbers: number }) | Exclude<Descriptors, { kind: 'seen' }> {
  const sockets: string[] = []
  const namespaces: { id: NamespaceId; path: string }[] = []
  const bpfLinks: string[] = []
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    return { kind: isDenied(error) ? 'denied' : 'gone' }
  }
  try {
    // What they are may be hidden where their numbers are not: the first one tells.
    if (names[0] !== undefined) readlinkSync(`${folder}/${names[0]}`)
  } catch (error) {
    if (isDenied(error)) return { kind: 'denied' }
  }
  for (const name of names) {
    const target = readLink(`${folder}/${name}`)
    if (target?.startsWith('socket:[')) sockets.push(target.slice(8, -1))
    else if (target?.endsWith('bpf_link')) bpfLinks.push(`${folder}info/${name}`)
    else if (target?.startsWith('net:[') || target === '/') {
      const path = `${folder}/${name}`
      const id = target === '/' ? unmountedNamespace(path) : namespaceIn(target)
      if (id !== undefined) namespaces.push({ id, path })
    }
  }
  return { kind: 'seen', sockets, namespaces, bpfLinks, numbers: names.length }
}
