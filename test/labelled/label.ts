/**
 * The labels of the labelled set: their shape, and the reader which checks it.
 *
 * A label says what the listening sockets of one small project will be after a normal start. See README.md.
 */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder which holds the labelled projects. */
export const LABELLED = dirname(fileURLToPath(import.meta.url))

/** Projects labelled later, by someone who had not seen the detectors: nobody who writes detectors looks at them. */
export const HELD_OUT = join(LABELLED, '..', 'heldout')

/** Projects in Go. Their labels were written with the reader of Go known, before it was first run on them: they guard it, and measure less than the others do. */
export const GO = join(LABELLED, '..', 'labelled-go')

/** The root of the repository, whose node_modules the projects use when they are started. */
export const REPOSITORY = join(LABELLED, '..', '..')

const PROTOCOLS = ['tcp', 'udp'] as const
const EXPOSURES = ['open', 'loopback', 'internal', 'undecided'] as const

export type Protocol = (typeof PROTOCOLS)[number]
export type Exposure = (typeof EXPOSURES)[number]

/** A line of a file; `line` counts from 1, `file` is relative to the project, with `/`. */
export interface Place {
  readonly file: string
  readonly line: number
}

/** One listening socket after a normal start. */
export interface ServerLabel {
  /** As seen from the host (a published port is the host's side); null when the files do not tell it. */
  readonly port: number | null
  readonly protocol: Protocol
  readonly exposure: Exposure
  /** The line that a specialist points at as the cause. */
  readonly place: Place
  /** Other lines which are as right: the constant, the listen call behind an overriding variable. */
  readonly alsoPlaces?: readonly Place[]
  /** The port inside the container, where a container is between. */
  readonly containerPort?: number
  /** True for what only knowledge of a container image tells: leaving it out is no miss. */
  readonly optional?: true
  readonly note: string
}

/** How to start the project by hand: an argument vector, and the whole of the additional environment. */
export interface Run {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Addresses in CIDR form that the namespace's lo needs besides its own. */
  readonly addresses?: readonly string[]
}

/** For undecided servers: one state of what lies outside the folder, and what the socket then is. */
export interface Alternative {
  readonly command?: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly addresses?: readonly string[]
  readonly exposure: 'open' | 'loopback'
}

export interface Label {
  readonly title: string
  readonly tags: readonly string[]
  readonly servers: readonly ServerLabel[]
  readonly runnable: Run | null
  readonly alternatives?: readonly Alternative[]
  /** `ss` when `confirm.ts --record` started the project and read the same sockets from the kernel. */
  readonly confirmed?: 'ss'
}

export interface LabelledFolder {
  readonly name: string
  readonly path: string
  readonly label: Label
}

/** Every labelled project, in order. Throws an Error naming the project when a label has another shape or a place that is not there. */
export async function readLabelled(set: string = LABELLED): Promise<LabelledFolder[]> {
  const entries = await readdir(set, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory() && /^\d{3}-/.test(entry.name)).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const path = join(set, name)
      const label: Label = JSON.parse(await readFile(join(path, 'label.json'), 'utf8'))
      const problems = await problemsOf(path, label)
      if (problems.length > 0) throw new Error(`${name}: ${problems.join('; ')}`)
      return { name, path, label }
    }),
  )
}

async function problemsOf(path: string, label: Label): Promise<string[]> {
  const problems: string[] = []
  if (typeof label.title !== 'string' || !Array.isArray(label.tags) || !Array.isArray(label.servers)) return ['not a label']
  if (label.runnable === undefined) problems.push('runnable is missing')
  for (const { port, protocol, exposure, place, alsoPlaces = [], note } of label.servers) {
    if (port !== null && !(Number.isInteger(port) && port > 0 && port < 65536)) problems.push(`port ${port}`)
    if (!PROTOCOLS.includes(protocol)) problems.push(`protocol ${protocol}`)
    if (!EXPOSURES.includes(exposure)) problems.push(`exposure ${exposure}`)
    if (!note) problems.push('a server without a note')
    for (const { file, line } of [place, ...alsoPlaces]) {
      const text = (await readFile(join(path, file), 'utf8').catch(() => '')).split('\n')[line - 1]
      if (!text?.trim()) problems.push(`nothing at ${file}:${line}`)
    }
  }
  return problems
}
