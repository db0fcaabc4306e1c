import type { FileOrigin, GapEffect, Text, Value } from '../../evidence/index.ts'
import { directoryOf, joinPath } from '../paths.ts'
import type { Starts } from '../starts/index.ts'
import { entriesOf, entry, itemsOf, originOf, readYaml, textOf, type Tree } from '../yaml.ts'
import { last, type Layers, layered, NO_LAYERS, stacked } from './layers.ts'
import { Variables, variablesOf } from './variables.ts'

/** How deep `extends` and `include` are followed. */
const DEPTH = 16
/** Services of one project. */
const SERVICES = 1_000

export interface Service {
  readonly name: string
  readonly layers: Layers
  /** Variables of the file that it stands in. */
  readonly variables: Variables
  /** Where its name stands, in the last file that says something of it. */
  readonly origin: FileOrigin
}

/** What several compose files come to together. */
export interface Model {
  readonly services: ReadonlyMap<string, Service>
  readonly networks: ReadonlyMap<string, Layers>
  readonly configs: ReadonlyMap<string, Layers>
  readonly variables: Variables
  readonly name: string | undefined
}

/** Reads compose files, each once, and remembers which ones others refer to. */
export class Loader {
  readonly #starts: Starts
  readonly #read = new Map<string, readonly Tree[]>()
  /** Files that another one includes or extends: they are no projects of their own. */
  readonly referred = new Set<string>()

  constructor(starts: Starts) {
    this.#starts = starts
  }

  /** The documents of a file; empty where it was not read. */
  documents(path: string): readonly Tree[] {
    const before = this.#read.get(path)
    if (before !== undefined) return before
    const text = this.#starts.text(path)
    if (text === undefined) return []
    const { documents, problems } = readYaml(text)
    for (const { reason, origin } of problems) this.#starts.problem(reason, origin)
    this.#read.set(path, documents)
    return documents
  }

  variables(files: readonly string[], outer: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
    return variablesOf(
      files.flatMap((file): readonly Text[] => this.optional(file) ?? []),
      outer,
    )
  }

  /** A file that need not be there. */
  optional(path: string): readonly [Text] | undefined {
    if (this.#starts.snapshot.file(path) === undefined) this.#starts.needs.add(path)
    const text = this.#starts.text(path)
    return text === undefined ? undefined : [text]
  }

  problem(reason: string, origin: FileOrigin, affects?: GapEffect): void {
    this.#starts.problem(reason, origin, affects)
  }

  /** The model of files that are read together, the later over the earlier. `included`: the files that led here. */
  model(paths: readonly string[], values: ReadonlyMap<string, Value>, included: readonly string[] = []): Model {
    const variables = new Variables(values, (reason, origin) => this.problem(reason, origin))
    const services = new Map<string, Service>()
    const networks = new Map<string, Layers>()
    const configs = new Map<string, Layers>()
    let name: string | undefined
    for (const path of paths) {
      for (const document of this.documents(path)) {
        name = variables.text(entry(document, 'name')) ?? name
        this.#include(entry(document, 'include'), path, values, [...included, path], services, networks)
        this.#services(document, path, variables, services)
        for (const [network, { value }] of entriesOf(entry(document, 'networks')))
          networks.set(network, layered(networks.get(network) ?? NO_LAYERS, value))
        for (const [config, { value }] of entriesOf(entry(document, 'configs')))
          configs.set(config, layered(configs.get(config) ?? NO_LAYERS, value))
      }
    }
    return { services, networks, configs, variables, name }
  }

  #services(document: Tree, path: string, variables: Variables, services: Map<string, Service>): void {
    const declared = entry(document, 'services')
    for (const [name, { key, value }] of entriesOf(declared)) {
      if (services.size >= SERVICES && !services.has(name)) return this.problem(`more than ${SERVICES} services`, originOf(key))
      if (value.tag === '!reset') services.delete(name)
      else if (value.kind !== 'mapping') this.problem('compose refuses this service: it is no mapping', originOf(key))
      else {
        const before = value.tag === '!override' ? undefined : services.get(name)
        const base = this.#base(value, path, declared, variables, [`${path}#${name}`])
        const layers = layered(stacked(before?.layers ?? NO_LAYERS, base), value)
        services.set(name, { name, layers, variables: before?.variables ?? variables, origin: originOf(key) })
      }
    }
  }

  /** What a service extends (compose-spec 05-services.md, extends). */
  #base(service: Tree, path: string, siblings: Tree | undefined, variables: Variables, way: readonly string[]): Layers {
    const extend = entry(service, 'extends')
    if (extend === undefined) return NO_LAYERS
    const name = variables.text(extend.kind === 'scalar' ? extend : entry(extend, 'service'))
    const file = entry(extend, 'file')
    const fileText = variables.text(file)
    const found = file === undefined ? path : fileText === undefined ? undefined : joinPath(directoryOf(path), fileText)
    const step = `${found ?? ''}#${name ?? ''}`
    if (name === undefined || found === undefined || way.includes(step) || way.length > DEPTH) {
      this.problem('which service is extended is not known, or it extends itself', originOf(extend))
      return NO_LAYERS
    }
    let services = siblings
    if (file !== undefined) {
      this.referred.add(found)
      const [document] = this.required(found, originOf(file))
      services = entry(document, 'services')
    }
    const base = entry(services, name)
    if (base === undefined) {
      if (services !== undefined) this.problem('the service that is extended is not there', originOf(extend))
      return NO_LAYERS
    }
    return layered(this.#base(base, found, services, variables, [...way, step]), base)
  }

  #include(
    tree: Tree | undefined,
    path: string,
    values: ReadonlyMap<string, Value>,
    way: readonly string[],
    services: Map<string, Service>,
    networks: Map<string, Layers>,
  ): void {
    const variables = new Variables(values, () => {})
    for (const item of itemsOf(tree)) {
      const trees = item.kind === 'scalar' ? [item] : itemsOf(entry(item, 'path'))
      const here = directoryOf(path)
      const paths = trees.flatMap((one) => {
        const text = variables.text(one)
        const found = text === undefined ? undefined : joinPath(here, text)
        if (found === undefined) this.problem('which file is included is not known', originOf(one))
        return found ?? []
      })
      const [first] = paths
      if (first === undefined) continue
      if (way.includes(first) || way.length > DEPTH) {
        this.problem('files that include one another', originOf(item))
        continue
      }
      for (const found of paths) {
        this.referred.add(found)
        this.required(found, originOf(item))
      }
      const project = variables.text(entry(item, 'project_directory'))
      const directory = project === undefined ? directoryOf(first) : joinPath(here, project)
      const named = itemsOf(entry(item, 'env_file')).flatMap((one) => joinPath(here, variables.text(one) ?? '') ?? [])
      const files = named.length > 0 ? named : directory === undefined ? [] : [joinPath(directory, '.env') ?? '.env']
      const model = this.model(paths, this.variables(files, values), way)
      // What is included lies below what the including files say themselves.
      for (const [name, service] of model.services)
        services.set(name, { ...service, layers: stacked(services.get(name)?.layers ?? NO_LAYERS, service.layers) })
      for (const [name, layers] of model.networks) networks.set(name, stacked(networks.get(name) ?? NO_LAYERS, layers))
    }
  }

  /** A file that has to be there. */
  required(path: string, origin: FileOrigin): readonly Tree[] {
    const documents = this.documents(path)
    const state = this.#starts.snapshot.file(path)
    const missing = state === undefined ? !this.#starts.snapshot.paths.has(path) : state.kind !== 'text'
    if (missing) this.problem(`${path} is not in the folder, or was not read`, origin)
    return documents
  }
}

/** Whether a file can be started by itself: each of its services says what it runs. */
export function standsAlone(documents: readonly Tree[]): boolean {
  return documents.every((document) =>
    [...entriesOf(entry(document, 'services')).values()].every(({ value }) => {
      const layers = layered(NO_LAYERS, value)
      return (
        last(layers, 'image') !== undefined ||
        last(layers, 'build') !== undefined ||
        last(layers, 'extends') !== undefined ||
        textOf(entry(value, 'provider')) !== undefined ||
        entry(value, 'provider') !== undefined
      )
    }),
  )
}
