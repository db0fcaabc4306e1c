import { existsSync, statSync } from 'node:fs'
import { evidenceOf, type NamespaceId, type Process } from '@sallyport/core/evidence'
import { type Conmon, readConmon, readPassing, readStoredImages } from '@sallyport/core/systems'
import { readFileState } from '../files.ts'
import type { Observer } from './observer.ts'
import { inodeOf, namespaceOf, pids, readLink, readProc, threads } from './proc.ts'

/** Where Podman looks for conmon (containers/common, pkg/config/default.go). */
const CONMONS = [
  '/usr/bin/conmon',
  '/usr/libexec/podman/conmon',
  '/usr/local/libexec/podman/conmon',
  '/usr/local/lib/podman/conmon',
  '/usr/sbin/conmon',
  '/usr/local/bin/conmon',
  '/usr/local/sbin/conmon',
  '/run/current-system/sw/bin/conmon',
]
/** What carries the packets of rootless containers between their namespace and sockets of its own, by the kernel's name of it. */
const PASSING: ReadonlySet<string> = new Set(['slirp4netns', 'pasta', 'pasta.avx2', 'passt', 'passt.avx2'])

interface Held extends Conmon {
  /** Of conmon itself, and of the first process of the container, which it started. */
  readonly conmon: number
  readonly pid: number
  readonly namespace: NamespaceId | undefined
}

/** The containers of Podman, rootful and rootless, that its processes tell of: it has no daemon, and need have no socket. */
export class PodmanProcesses {
  readonly #held: readonly Held[]
  readonly #fed: ReadonlySet<NamespaceId>

  constructor() {
    const names = CONMONS.some((path) => existsSync(path)) ? pids().map((pid) => ({ pid, name: nameOf(pid) })) : []
    this.#held = names.flatMap(({ pid, name }) => (name === 'conmon' ? held(pid) : []))
    this.#fed = new Set(names.flatMap(({ pid, name }) => (PASSING.has(name) && isOfRoot(pid, name) ? (this.#servedBy(pid) ?? []) : [])))
  }

  /** Whether all that comes into the namespace by its tun devices was accepted by slirp4netns or pasta, from sockets of theirs. */
  feeds(namespace: NamespaceId): boolean {
    return this.#fed.has(namespace)
  }

  /** Tells of the containers that no engine has told of. */
  see(observer: Observer): void {
    const told = new Set(evidenceOf(observer.evidence, 'container').map(({ claim }) => claim.id))
    const images = new Map<string, ReadonlyMap<string, string>>()
    for (const { id, name, storage, conmon, pid, namespace } of this.#held) {
      if (told.has(id)) continue
      const stored = storage === undefined ? undefined : (images.get(storage) ?? imagesIn(storage))
      if (storage !== undefined && stored !== undefined) images.set(storage, stored)
      observer.see(
        {
          claim: 'container',
          engine: 'podman',
          id,
          name,
          image: stored?.get(id) ?? '',
          running: true,
          pid,
          ...(namespace === undefined ? {} : { namespace }),
          networkMode: namespace === namespaceOf('self') ? 'host' : '',
          networks: [],
          published: [],
          restart: '',
          seenBy: 'processes',
        },
        { kind: 'kernel', path: `/proc/${conmon}/cmdline` },
      )
    }
  }

  /** The process, with the container that it holds or takes connections for. */
  managed(process: Process): Process {
    const found = this.#held.length === 0 ? undefined : this.#containerOf(process)
    return found === undefined ? process : { ...process, manager: { kind: 'container', id: found.id, engine: 'podman' } }
  }

  #containerOf({ pid, name }: Process): Held | undefined {
    // For the ports of rootful containers, which rules translate, conmon keeps sockets that nobody accepts from.
    if (name === 'conmon') return this.#held.find(({ conmon }) => conmon === pid)
    // Its child connects to the container from within (rootlesskit, pkg/port/builtin); its configuration is nowhere to be read.
    if (name === 'rootlessport') return this.#inNamespace(children(pid).map(namespaceOf))
    return PASSING.has(name) ? this.#inNamespace([this.#servedBy(pid)]) : undefined
  }

  /** The namespace that slirp4netns or pasta carries packets for. */
  #servedBy(pid: number): NamespaceId | undefined {
    const passing = readPassing(commandOf(pid))
    if (passing?.kind === 'id') return this.#held.find(({ id }) => id === passing.id)?.namespace
    // Mounted where Podman and conmon are; the program itself may have left for an empty root.
    const roots = [...this.#held.map(({ conmon }) => conmon), pid]
    return passing && roots.map((root) => inodeOf(`/proc/${root}/root${passing.path}`)).find((id) => id !== undefined)
  }

  #inNamespace(ids: readonly (NamespaceId | undefined)[]): Held | undefined {
    const own = namespaceOf('self')
    return this.#held.find(({ namespace }) => namespace !== undefined && namespace !== own && ids.includes(namespace))
  }
}

function held(conmon: number): readonly Held[] {
  const read = readConmon(commandOf(conmon))
  const [pid] = children(conmon)
  return read === undefined || pid === undefined ? [] : [{ ...read, conmon, pid, namespace: namespaceOf(pid) }]
}

function nameOf(pid: number): string {
  return (readProc(`/proc/${pid}/comm`) ?? '').trimEnd()
}

/** Whether it is the program of that name, from a file of root's: anybody may name a process so. */
function isOfRoot(pid: number, name: string): boolean {
  try {
    return statSync(`/proc/${pid}/exe`).uid === 0 && readLink(`/proc/${pid}/exe`)?.split('/').at(-1)?.startsWith(name) === true
  } catch {
    return false
  }
}

/** In the order in which each thread started them (proc_tid_children(5)). */
function children(pid: number): readonly number[] {
  return threads(pid)
    .flatMap((thread) => (readProc(`/proc/${pid}/task/${thread}/children`) ?? '').split(' '))
    .flatMap((word) => (/^\d+$/.test(word) ? [Number(word)] : []))
}

function commandOf(pid: number): readonly string[] {
  return (readProc(`/proc/${pid}/cmdline`) ?? '').split('\0')
}

function imagesIn(path: string): ReadonlyMap<string, string> {
  const file = readFileState(path, { path: '/', chroot: false })
  return file.kind === 'text' ? readStoredImages(file.text) : new Map()
}
