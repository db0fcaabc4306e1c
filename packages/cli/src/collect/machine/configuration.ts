import { hostname } from 'node:os'
import { type Evidence, evidenceOf, type Gap, printable } from '@sallyport/core/evidence'
import { type Context, type FileState, type MachineFiles, type System, SYSTEMS } from '@sallyport/core/systems'
import type { Root } from '../files.ts'
import { Files, readAll } from '../snapshot.ts'
import { sourceTools } from '../source.ts'

/** A place where a system's configuration is on this machine: its own root, or that of a container's processes. */
interface Place {
  readonly root: Root
  /** Where it usually is, if it is there at all. */
  readonly usual: readonly string[]
  /** What a running program was started with, and so has read. */
  readonly named: ReadonlySet<string>
}

/** The configuration files of the machine's own programs (`configured`: what their next reload does), those in containers among them. */
export async function collectConfiguration(
  seen: readonly Evidence[],
  folder: string | undefined,
  capturedAt: number,
): Promise<readonly Evidence[]> {
  const context: Context = { host: printable(hostname()), standing: 'configured', capturedAt }
  const readings = SYSTEMS.flatMap((system) =>
    system.machine === undefined ? [] : placesOf(system.machine, seen).map((place) => readPlace(system, place, folder, context)),
  )
  return (await Promise.all(readings)).flat()
}

/** The usual paths, and what running programs were started with. */
function placesOf(machine: MachineFiles, seen: readonly Evidence[]): readonly Place[] {
  const places = new Map<string, Place & { readonly named: Set<string> }>([
    ['', { root: { path: '/', chroot: false }, usual: machine.paths, named: new Set() }],
  ])
  for (const { claim } of evidenceOf(seen, 'process')) {
    if (machine.program === undefined || claim.name !== machine.program.name) continue
    // All processes of a container see the same files: one of them is enough.
    const container = claim.manager?.kind === 'container' ? claim.manager.id : ''
    const place = places.get(container) ?? {
      root: { path: `/proc/${claim.pid}/root`, chroot: true },
      usual: machine.paths,
      named: new Set<string>(),
    }
    places.set(container, place)
    const named = optionValue(claim.command, machine.program.option)
    if (named !== undefined) place.named.add(named.startsWith('/') ? named : `${claim.workingDirectory ?? ''}/${named}`)
  }
  return [...places.values()]
}

/** A master process may write its whole command line into one word (setproctitle): `nginx: master process nginx -c /etc/x.conf`. */
function optionValue(command: readonly string[], option: string): string | undefined {
  const words = command.flatMap((word) => word.split(' '))
  const index = words.indexOf(option)
  return index < 0 ? undefined : words[index + 1]
}

async function readPlace(system: System, place: Place, folder: string | undefined, context: Context): Promise<readonly Evidence[]> {
  // What is in the folder is read with it, where its paths are those that a person knows.
  const paths = [...new Set([...place.usual, ...place.named])].filter(
    (path) => place.root.chroot || folder === undefined || !path.startsWith(`${folder}/`),
  )
  const files = new Files(place.root, paths)
  const readable = paths.filter((path) => files.load(path).kind === 'text')
  const gaps = paths.flatMap((path) => unreadGap(system, path, files.load(path), place.named.has(path), context))
  if (readable.length === 0) return gaps
  const reading = readAll(await system.load(), files, readable, context, sourceTools)
  const left = reading.needs.length + reading.globs.length
  if (left > 0) gaps.push(gap(system, context, `${left} more files of ${system.title} than are followed`, 'limit', readable[0] ?? '/'))
  const rooted = place.root.chroot
    ? reading.evidence.map((item) => (item.origin.kind === 'file' ? { ...item, origin: { ...item.origin, root: place.root.path } } : item))
    : reading.evidence
  return [...gaps, ...rooted]
}

/** A file that is not where it usually is hides nothing; one that a running program was started with does. */
function unreadGap(system: System, path: string, state: FileState, named: boolean, context: Context): Evidence[] {
  if (state.kind === 'text' || (state.kind === 'absent' && !named)) return []
  const what = `${system.title}’s configuration in ${printable(path)}`
  const started = state.kind === 'absent' ? ', which a running process was started with' : ''
  return [gap(system, context, `${what}${started}`, state.kind, printable(path))]
}

function gap({ machine }: System, context: Context, what: string, code: Gap['code'], path: string): Evidence {
  const remedy = code === 'denied' ? { remedy: 'run as root' } : {}
  return {
    ...context,
    claim: { claim: 'gap', code, what, ...remedy, affects: machine?.affects ?? { kind: 'proxy' } },
    origin: { kind: 'kernel', path },
  }
}
