import { hostname } from 'node:os'
import { type Evidence, evidenceOf, type Origin } from '@sallyport/core/evidence'
import { type Context, type MachineFiles, type System, SYSTEMS } from '@sallyport/core/systems'
import type { Root } from '../files.ts'
import { Files, readAll } from '../snapshot.ts'
import { sourceTools } from '../source.ts'

/** A place where a system's configuration is on this machine: its own root, or that of a container's processes. */
interface Place {
  readonly root: Root
  readonly paths: readonly string[]
}

/** The configuration files of the machine's own programs (`configured`: what their next reload does), those in containers among them. */
export async function collectConfiguration(
  seen: readonly Evidence[],
  folder: string | undefined,
  capturedAt: number,
): Promise<readonly Evidence[]> {
  const context: Context = { host: hostname(), standing: 'configured', capturedAt }
  const readings = SYSTEMS.flatMap((system) =>
    system.machine === undefined ? [] : placesOf(system.machine, seen).map((place) => readPlace(system, place, folder, context)),
  )
  return (await Promise.all(readings)).flat()
}

/** The usual paths, and what running programs were started with. */
function placesOf(machine: MachineFiles, seen: readonly Evidence[]): readonly Place[] {
  const places = new Map<string, { root: Root; paths: Set<string> }>([
    ['/', { root: { path: '/', chroot: false }, paths: new Set(machine.paths) }],
  ])
  for (const { claim } of evidenceOf(seen, 'process')) {
    if (machine.program === undefined || claim.name !== machine.program.name) continue
    const contained = claim.manager?.kind === 'container'
    const path = contained ? `/proc/${claim.pid}/root` : '/'
    const place = places.get(path) ?? { root: { path, chroot: contained }, paths: new Set(machine.paths) }
    places.set(path, place)
    const named = optionValue(claim.command, machine.program.option)
    if (named !== undefined) place.paths.add(named.startsWith('/') ? named : `${claim.workingDirectory ?? ''}/${named}`)
  }
  return [...places.values()].map(({ root, paths }) => ({ root, paths: [...paths] }))
}

/** A master process may write its whole command line into one word (setproctitle): `nginx: master process nginx -c /etc/x.conf`. */
function optionValue(command: readonly string[], option: string): string | undefined {
  const words = command.flatMap((word) => word.split(' '))
  const index = words.indexOf(option)
  return index < 0 ? undefined : words[index + 1]
}

async function readPlace(system: System, place: Place, folder: string | undefined, context: Context): Promise<readonly Evidence[]> {
  // What is in the folder is read with it, where its paths are those that a person knows.
  const outside = place.paths.filter((path) => place.root.chroot || folder === undefined || !path.startsWith(`${folder}/`))
  const files = new Files(place.root, outside)
  const readable = outside.filter((path) => files.load(path).kind === 'text')
  const denied = outside.filter((path) => files.load(path).kind === 'denied')
  const gaps = denied.map((path): Evidence => {
    const origin: Origin = { kind: 'kernel', path }
    return {
      ...context,
      claim: {
        claim: 'gap',
        code: 'denied',
        what: `${system.title}’s configuration in ${path}`,
        remedy: 'run as root',
        affects: { kind: 'proxy' },
      },
      origin,
    }
  })
  if (readable.length === 0) return gaps
  const reading = readAll(await system.load(), files, readable, context, sourceTools)
  const rooted = place.root.chroot
    ? reading.evidence.map((item) => (item.origin.kind === 'file' ? { ...item, origin: { ...item.origin, root: place.root.path } } : item))
    : reading.evidence
  return [...gaps, ...rooted]
}
