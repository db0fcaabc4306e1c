import { INNER_STAYS, type Meaning, type MeaningContext, OTHER, PORT } from './context.ts'
import type { OwnNames } from './own.ts'
import type { Occurrence } from './text.ts'

/** Documents of Kubernetes in a file (kubernetes.io/docs/reference/kubernetes-api), as far as a port in them goes. */
export interface Manifest {
  readonly documents: readonly Document[]
  /** A variable in one of the service's own gives the container its port. */
  readonly isGiven: boolean
}

interface Document {
  /** Inclusive offset, and exclusive. */
  readonly from: number
  readonly to: number
  /** It has the service's name. */
  readonly isOwn: boolean
  /** Of the kind `Service`: others call the workload by its port. */
  readonly isService: boolean
}

const KIND = /^[ \t]*["']?kind["']?[ \t]*:[ \t]*["']?(\w+)/m
const API = /^[ \t]*["']?apiVersion["']?[ \t]*:/m
/** `{ name: PORT, value: "3000" }`, on one line or two. */
const VARIABLE = /\bname["']?[ \t]*:[ \t]*["']?([A-Za-z_]\w{0,64})["']?\s{0,80},?\s{0,8}["']?value["']?[ \t]*:[ \t]*["']?/

/** `undefined`: the file is no manifest. */
export function manifestOf(path: string, content: string, port: number, names: OwnNames): Manifest | undefined {
  if (!/\.(?:ya?ml|json)$/.test(path) || !API.test(content) || !KIND.test(content)) return undefined
  const own = new RegExp(`\\bname["']?[ \\t]*:[ \\t]*["']?(?:${[...names.services].map(escaped).join('|')})(?![\\w-])`)
  const given = new RegExp(`${VARIABLE.source}${port}(?!\\w)`, 'g')
  // YAML 1.2 §9.1: `---` on a line of its own parts documents.
  const starts = [0, ...[...content.matchAll(/^---.*$/gm)].map(({ index }) => index)]
  const documents = starts.map((from, index) => {
    const to = starts[index + 1] ?? content.length
    const text = content.slice(from, to)
    const isOwn = own.test(text)
    const isGiven = isOwn && [...text.matchAll(given)].some(([, name = '']) => isPortName(name, names))
    return { from, to, isOwn, isService: KIND.exec(text)?.[1] === 'Service', isGiven }
  })
  return { documents, isGiven: documents.some(({ isGiven }) => isGiven) }
}

const isPortName = (name: string, { portVariables }: OwnNames): boolean => name === 'PORT' || portVariables.has(name)

const escaped = (text: string): string => text.replaceAll(/[^\w]/g, String.raw`\$&`)

/** Keys that name a port of the container: of itself, of probes (`port`), and of a Service (`targetPort`). */
const KEY = /(?:^|[\s{,"-])(containerPort|targetPort|hostPort|nodePort|port)["']?\s*:\s*["']?$/
const VARIABLE_BEFORE = new RegExp(`${VARIABLE.source}$`)
/** So much before a place is looked at for the name above it, in UTF-16 code units. */
const ABOVE = 200

/** It moves where a variable of the manifests gives it, or what listens is read; else the image keeps the port that it has. */
export function ofManifest({ file, start, before }: Occurrence, { names, own, manifest }: MeaningContext): Meaning | undefined {
  if (manifest === undefined) return undefined
  const key = KEY.exec(before)?.[1]
  const variable = VARIABLE_BEFORE.exec(file.content.slice(Math.max(0, start - ABOVE), start))?.[1]
  if (key === undefined && variable === undefined) return undefined
  const document = manifest.documents.find(({ from, to }) => from <= start && start < to)
  if (document?.isOwn !== true) return OTHER('of another workload')
  if (variable !== undefined) return isPortName(variable, names) ? PORT('variable') : OTHER(`${variable} is not what gives the port`)
  if (document.isService && key !== 'targetPort')
    return OTHER('the port of the Kubernetes Service, by which others call it; targetPort is the container’s')
  return manifest.isGiven || own.some(({ role }) => role === 'port' || role === 'variable') ? PORT('container port') : INNER_STAYS
}
