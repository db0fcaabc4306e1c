import type { Evidence } from '@sallyport/core/evidence'
import { collectBoundary } from './boundary.ts'
import { askForCgroups, BpfPrograms, collectBpf } from './bpf.ts'
import { collectConfiguration } from './configuration.ts'
import { collectDocker } from './docker.ts'
import { collectFilters } from './filters.ts'
import { readHolders } from './holders.ts'
import { otherNamespaces, ownNamespace, type SeenNamespace } from './namespaces.ts'
import { collectNetwork } from './network.ts'
import { Observer } from './observer.ts'
import { PodmanProcesses } from './podman.ts'
import { collectSettings } from './settings.ts'
import { readSockets, seeSockets, type SocketTables } from './sockets.ts'

/** Everything that this machine shows: sockets, processes, interfaces, packet filters and containers, in every namespace that can be seen.
 * `folder`: what is looked at with it, whose own files are not the machine's. */
export async function collectMachine(
  capturedAt: number,
  environment: NodeJS.ProcessEnv,
  folder: string | undefined,
): Promise<readonly Evidence[]> {
  const observer = new Observer(capturedAt)
  if (process.platform !== 'linux') {
    observer.miss(
      {
        code: 'tool-missing',
        what: `this machine: looking at a live machine needs Linux, and this is ${process.platform}`,
        remedy: 'use --scope folder',
        affects: { kind: 'sockets' },
      },
      { kind: 'kernel', path: '/proc' },
    )
    return observer.evidence
  }
  const own = ownNamespace(observer)
  // Before /proc is read through: the programs that are asked answer meanwhile.
  let tell: (programs: BpfPrograms) => void = () => {}
  const programs = new Promise<BpfPrograms>((resolve) => {
    tell = resolve
  })
  const asked = own === undefined ? [] : [look(observer, own, programs)]
  const cgroups = own === undefined ? undefined : askForCgroups(own.shell)
  // What was asked for at once is run at once, as soon as this function lets go.
  await Promise.resolve()
  const engines = collectDocker(observer, environment)
  const holders = readHolders()
  if (cgroups !== undefined) collectBpf(observer, cgroups, holders).then(tell, () => tell(new BpfPrograms([], [])))
  const podman = new PodmanProcesses()
  const others =
    own === undefined
      ? []
      : (await otherNamespaces(observer, own, holders)).map((namespace) => look(observer, namespace, programs, podman.feeds(namespace.id)))
  collectBoundary(observer)
  const looks = [...asked, ...others]
  const tables = looks.map(({ sockets }) => sockets)
  await Promise.all([
    engines.then(() => podman.see(observer)),
    seeSockets(observer, tables, { holders, podman, programs }),
    ...looks.map(({ rest }) => rest),
  ])
  return [...observer.evidence, ...(await collectConfiguration(observer.evidence, folder, capturedAt))]
}

interface Look {
  readonly sockets: SocketTables
  readonly rest: Promise<unknown>
}

/** Asks everything of one namespace. `isFed`: see PodmanProcesses.feeds. */
function look(observer: Observer, namespace: SeenNamespace, programs: Promise<BpfPrograms>, isFed = false): Look {
  const { id, own, label, pid, entry } = namespace
  observer.see(
    { claim: 'namespace', id, kind: own ? 'host' : 'other', label, ...(pid === undefined ? {} : { pid }) },
    { kind: 'kernel', path: entry },
  )
  const rest = Promise.all([
    collectFilters(observer, namespace),
    collectNetwork(observer, namespace, programs, isFed),
    collectSettings(observer, namespace),
  ])
  return { sockets: readSockets(observer, namespace), rest }
}
