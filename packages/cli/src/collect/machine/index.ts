import { type Evidence, printable } from '@sallyport/core/evidence'
import { collectBoundary } from './boundary.ts'
import { collectConfiguration } from './configuration.ts'
import { collectDocker } from './docker.ts'
import { collectFilters } from './filters.ts'
import { collectNetwork } from './network.ts'
import { Observer } from './observer.ts'
import { readProc } from './proc.ts'
import { collectSockets, namespaces } from './sockets.ts'

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
  const seen = namespaces(observer)
  for (const namespace of seen) {
    const own = namespace.pid === process.pid
    observer.see(
      {
        claim: 'namespace',
        id: namespace.id,
        kind: own ? 'host' : 'other',
        label: own ? 'this machine' : labelOf(namespace.pid),
        pid: namespace.pid,
      },
      { kind: 'kernel', path: `/proc/${namespace.pid}/ns/net` },
    )
  }
  collectBoundary(observer)
  await Promise.all([
    collectSockets(observer, seen),
    collectDocker(observer, environment),
    ...seen.flatMap((namespace) => [collectNetwork(observer, namespace), collectFilters(observer, namespace)]),
  ])
  return [...observer.evidence, ...(await collectConfiguration(observer.evidence, folder, capturedAt))]
}

/** A namespace that belongs to no container is named after the first process seen in it. */
function labelOf(pid: number): string {
  return printable(`${(readProc(`/proc/${pid}/comm`) ?? '').trimEnd()} (pid ${pid})`)
}
