import { existsSync, readdirSync, statSync } from 'node:fs'
import { type NamespaceId, printable, show } from '@sallyport/core/evidence'
import { type Attachment, parseJson, readBpfCgroups, readBpfDevices, readBpfLink, type SocketDetail } from '@sallyport/core/systems'
import type { Ran } from '../run.ts'
import type { Shell } from '../shell.ts'
import type { Holders } from './holders.ts'
import type { Observer } from './observer.ts'
import { namespaceOf, readProc } from './proc.ts'

const BPFTOOL = ['/usr/sbin/bpftool', '/usr/bin/bpftool', '/usr/local/sbin/bpftool', '/usr/local/bin/bpftool']
const PINS = '/sys/fs/bpf'
/** Where control groups of version 2 are, alone or beside those of version 1 (cgroups(7)). */
const CGROUPS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((path) => existsSync(`${path}/cgroup.controllers`)) ?? '/sys/fs/cgroup'

/**
 * The BPF programs that decide about what comes in where neither `ip` nor `tc` shows them: held by a link that a process has open, or named by
 * bpftool(8). What is attached without a link, or by one that is only pinned, bpftool alone can tell.
 */
export class BpfPrograms {
  readonly #devices: readonly { readonly namespace: NamespaceId | undefined; readonly index: number; readonly program: string }[]
  readonly #cgroups: ReadonlySet<string>

  constructor(links: readonly { readonly attached: Attachment; readonly holder: number }[], cgroups: readonly string[]) {
    this.#devices = links.flatMap(({ attached, holder }) =>
      attached.to === 'device' ? [{ namespace: namespaceOf(holder), index: attached.index, program: attached.program }] : [],
    )
    this.#cgroups = new Set([...links.flatMap(({ attached }) => (attached.to === 'control-group' ? [attached.id] : [])), ...cgroups])
  }

  /** On the device of that index and namespace. */
  on(namespace: NamespaceId, index: number): readonly string[] {
    return this.#devices.flatMap((device) => (device.namespace === namespace && device.index === index ? [device.program] : []))
  }

  /** The control groups, by their paths, whose programs are asked of what comes to a socket that was made in one of them, or below. */
  before(detail: SocketDetail | undefined, processes: readonly number[]): readonly string[] {
    if (this.#cgroups.size === 0) return []
    const paths = detail?.cgroup === undefined ? processes.map(cgroupOf) : [detail.cgroup]
    const asked = paths.flatMap((path) => ancestors(path)).filter((path) => this.#cgroups.has(idOf(`${CGROUPS}${path}`)))
    return [...new Set(asked.map((path) => printable(path === '' ? '/' : path)))]
  }
}

/** What bpftool prints of control groups; `undefined`: it is not there. */
export async function askForCgroups(shell: Shell): Promise<Ran | undefined> {
  return hasBpftool() ? shell.run('bpftool', ['-j', 'cgroup', 'tree']) : undefined
}

/** Tells, too, of what no single device or socket shows. `asked`: `askForCgroups`. */
export async function collectBpf(observer: Observer, asked: Promise<Ran | undefined>, { bpfLinks }: Holders): Promise<BpfPrograms> {
  const links = bpfLinks.flatMap(({ path, pid }) => {
    const attached = readBpfLink(readProc(path) ?? '')
    return attached === undefined ? [] : [{ attached, holder: pid, path }]
  })
  for (const { attached, holder, path } of links) {
    if (attached.to !== 'namespace' && attached.to !== 'netfilter') continue
    const namespace = attached.to === 'namespace' ? attached.id : (namespaceOf(holder) ?? '')
    const what =
      attached.to === 'namespace'
        ? 'a BPF program that chooses the sockets which get what comes in (sk_lookup)'
        : 'a BPF program among the hooks of the packet filter'
    observer.miss({ code: 'not-understood', what, affects: { kind: 'netfilter', namespace } }, { kind: 'kernel', path }, namespace)
  }
  const ran = await asked
  if (ran === undefined) {
    missPinned(observer)
    return new BpfPrograms(links, [])
  }
  return new BpfPrograms(links, ran.kind === 'ok' ? readBpfCgroups(parseJson(ran.stdout)).map(idOf) : [])
}

/** What bpftool knows of the devices of a namespace, by their names. */
export async function bpfDevices(shell: Shell): Promise<ReadonlyMap<string, string>> {
  if (!hasBpftool()) return new Map()
  const ran = await shell.run('bpftool', ['-j', 'net', 'show'])
  return new Map(ran.kind === 'ok' ? readBpfDevices(parseJson(ran.stdout)).map(({ name, program }) => [name, program]) : [])
}

let found: boolean | undefined

function hasBpftool(): boolean {
  found ??= BPFTOOL.some((path) => existsSync(path))
  return found
}

/** Programs outlive who loaded them by their names there (bpf(2), BPF_OBJ_PIN); most machines have none. */
function missPinned(observer: Observer): void {
  let names: readonly string[]
  try {
    names = readdirSync(PINS)
  } catch {
    return
  }
  if (names.length === 0) return
  observer.miss(
    {
      code: 'tool-missing',
      what: `what the BPF programs and links do that are kept in ${PINS} (${show(names.slice(0, 3).join(', '))}${names.length > 3 ? ', …' : ''}): one may decide what comes in, at a device (tcx, netkit) or for a control group`,
      remedy: 'install bpftool',
      affects: { kind: 'nothing' },
    },
    { kind: 'kernel', path: PINS },
  )
}

function cgroupOf(pid: number): string {
  return /^0::(\/.*)$/m.exec(readProc(`/proc/${pid}/cgroup`) ?? '')?.[1] ?? ''
}

/** `/a/b`: itself, `/a`, and the root, which is the empty path. */
function ancestors(path: string): readonly string[] {
  const names = path.split('/').filter((name) => name !== '')
  return Array.from({ length: names.length + 1 }, (_, depth) =>
    names
      .slice(0, depth)
      .map((name) => `/${name}`)
      .join(''),
  )
}

function idOf(path: string): string {
  try {
    return String(statSync(path, { bigint: true }).ino)
  } catch {
    return ''
  }
}
