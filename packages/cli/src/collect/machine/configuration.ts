import { hostname } from 'node:os'
import { type Evidence, evidenceOf, type Gap, printable, type Process, show } from '@sallyport/core/evidence'
import { type Context, type FileState, type MachineFiles, type System, SYSTEMS } from '@sallyport/core/systems'
import type { Root } from '../files.ts'
import { Files, readAll } from '../snapshot.ts'
import { readProc } from './proc.ts'
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

/** The usual paths, and what running programs were started with. Where each of them names its files, the usual ones are not in use. */
function placesOf(machine: MachineFiles, seen: readonly Evidence[]): readonly Place[] {
  const places = new Map<string, { readonly root: Root; readonly here: Set<string>; readonly named: Set<string>; isUsual: boolean }>([
    ['', { root: { path: '/', chroot: false }, here: new Set(), named: new Set(), isUsual: false }],
  ])
  const { program } = machine
  for (const { claim } of evidenceOf(seen, 'process')) {
    if (program === undefined || claim.name !== program.name) continue
    // All processes of a container see the same files: one of them is enough.
    const container = claim.manager?.kind === 'container' ? claim.manager.id : ''
    const place = places.get(container) ?? {
      root: { path: `/proc/${claim.pid}/root`, chroot: true },
      here: new Set<string>(),
      named: new Set<string>(),
      isUsual: false,
    }
    places.set(container, place)
    const named = optionValues(commandOf(claim), program.options)
    const directory = claim.workingDirectory ?? ''
    for (const path of named) place.named.add(path.startsWith('/') ? path : `${directory}/${path}`)
    if (named.length === 0) place.isUsual = true
    if (named.length === 0 && program.here !== undefined) place.here.add(`${directory === '/' ? '' : directory}/${program.here}`)
  }
  return [...places.values()].map(({ root, here, named, isUsual }) => ({
    root,
    usual: isUsual || named.size === 0 ? [...machine.paths, ...here] : [],
    named,
  }))
}

/** As it was typed: in evidence a word is hidden that looks like a secret, and a file cannot be found by what is left of its path. */
function commandOf({ pid, command }: Process): readonly string[] {
  return readProc(`/proc/${pid}/cmdline`)?.split('\0') ?? command
}

/** A master process may write its whole command line into one word (setproctitle): `nginx: master process nginx -c /etc/x.conf`. */
function optionValues(command: readonly string[], options: readonly string[]): readonly string[] {
  const words = command.flatMap((word) => word.split(' '))
  return words.flatMap((word, index) => {
    const next = words[index + 1]
    if (options.includes(word)) return next === undefined || next === '' ? [] : [next]
    const option = options.find((name) => name.startsWith('--') && word.startsWith(`${name}=`))
    return option === undefined ? [] : [word.slice(option.length + 1)]
  })
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
  const what = `${system.title}’s configuration in ${show(path)}`
  const started = state.kind === 'absent' ? ', which a running process was started with' : ''
  return [gap(system, context, `${what}${started}`, state.kind, show(path))]
}

function gap({ machine }: System, context: Context, what: string, code: Gap['code'], path: string): Evidence {
  const remedy = code === 'denied' ? { remedy: 'run as root' } : {}
  return {
    ...context,
    claim: { claim: 'gap', code, what, ...remedy, affects: machine?.affects ?? { kind: 'proxy' } },
    origin: { kind: 'kernel', path },
  }
}
