import {
  ABSENT,
  type FileOrigin,
  maybeSetAgain,
  type Setting,
  type Text,
  type Unseen,
  unseenFile,
  type Value,
} from '../../evidence/index.ts'
import { readEnvironmentFile } from '../dotenv/values.ts'
import { isOwnFile } from '../environments.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { setting } from '../secret.ts'
import { entriesOf, entry, itemsOf, originOf, type Tree } from '../yaml.ts'
import { appended, isNull, type Layers } from './layers.ts'
import type { Loader, Service } from './model.ts'
import type { Variables } from './variables.ts'

export interface ServiceEnvironment {
  readonly settings: ReadonlyMap<string, Setting>
  /** `env_file`s, relative to the folder. */
  readonly files: readonly string[]
  /** The last of them that is not there. */
  readonly unseen: Unseen | undefined
}

/** What a service's container is given: `env_file`s in their order, `environment` over them (compose-spec 05-services.md). */
export function environmentOf(service: Service, loader: Loader, image: ReadonlyMap<string, Setting>): ServiceEnvironment {
  const { layers, variables } = service
  const files = environmentFiles(layers, variables, loader)
  let settings = new Map(image)
  let unseen: Unseen | undefined
  for (const { path, tree, required } of files) {
    const text = path === undefined ? undefined : loader.optional(path)?.[0]
    if (text === undefined && (path === undefined || !isOwnFile(path))) {
      unseen = unseenFile(originOf(tree))
      settings = new Map(maybeSetAgain(settings))
    }
    // What a program binds in a network of its own decides nothing: publishing does.
    if (text === undefined && required && path !== undefined)
      loader.problem(
        `${path} is not there: the variables that it sets are not known`,
        originOf(tree),
        usesHost(service) ? undefined : NOTHING,
      )
    if (text !== undefined) for (const [name, value] of fileSettings(text, variables)) settings.set(name, value)
  }
  for (const tree of layers.get('environment') ?? []) for (const [name, value] of given(tree, variables)) settings.set(name, value)
  const hostname = hostnameOf(service)
  // The engine sets HOSTNAME unless the service does (moby, container.CreateDaemonEnvironment).
  if (!settings.has('HOSTNAME')) settings.set('HOSTNAME', hostname)
  return { settings, files: files.flatMap(({ path }) => path ?? []), unseen }
}

const NOTHING = { kind: 'nothing' } as const

function usesHost({ layers, variables }: Service): boolean {
  const mode = layers.get('network_mode')?.at(-1)
  return mode !== undefined && (variables.text(mode) ?? 'host') === 'host'
}

function hostnameOf({ layers, variables, origin }: Service): Setting {
  const tree = layers.get('hostname')?.at(-1)
  const value: Value =
    tree === undefined || isNull(tree)
      ? { kind: 'unknown', reason: "the engine sets HOSTNAME to the container's own name", origin }
      : variables.value(tree)
  return setting('HOSTNAME', value, tree === undefined ? origin : originOf(tree))
}

function environmentFiles(
  layers: Layers,
  variables: Variables,
  loader: Loader,
): readonly { readonly path: string | undefined; readonly tree: Tree; readonly required: boolean }[] {
  return appended(layers, 'env_file').flatMap((tree) => {
    const named = tree.kind === 'mapping' ? entry(tree, 'path') : tree
    const text = variables.text(named)
    const path = text === undefined || text.startsWith('/') ? undefined : joinPath(directoryOf(tree.text.path), text)
    if (path === undefined) {
      loader.problem('which env_file is loaded is not known, or it is outside of the folder', originOf(tree))
    }
    return [{ path, tree, required: variables.text(entry(tree, 'required')) !== 'false' }]
  })
}

function fileSettings(text: Text, variables: Variables): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>()
  for (const [name, { value, origin }] of readEnvironmentFile(text, 'compose').variables)
    settings.set(name, setting(name, outside(value, variables), origin))
  return settings
}

/** References of an env_file to variables outside of it are to those of the project. */
function outside(value: Value, variables: Variables): Value {
  switch (value.kind) {
    case 'environment': {
      const fallback = outside(value.fallback, variables)
      return variables.get(value.name, value.origin) ?? (fallback.kind === 'absent' ? unset(value.name, value.origin) : fallback)
    }
    case 'joined':
      return { ...value, parts: value.parts.map((part) => outside(part, variables)) }
    case 'choice':
      return { ...value, options: value.options.map((option) => outside(option, variables)) }
    default:
      return value
  }
}

const unset = (name: string, origin: FileOrigin): Value => ({ kind: 'unknown', reason: `\`${name}\` is not set in .env`, origin })

/** `environment`: a mapping, or a list of `NAME=value`; a name alone is taken from the shell that runs compose. */
function* given(tree: Tree, variables: Variables): Generator<readonly [string, Setting]> {
  if (tree.kind === 'mapping') {
    for (const [name, { key, value }] of entriesOf(tree)) {
      const origin = originOf(isNull(value) ? key : value)
      yield [name, setting(name, isNull(value) ? passed(name, origin, variables) : variables.value(value), origin)]
    }
    return
  }
  for (const item of itemsOf(tree)) {
    const origin = originOf(item)
    const value = variables.value(item)
    const split = splitAtEquals(value)
    if (split === undefined) continue
    const { name, rest } = split
    yield [name, setting(name, rest ?? passed(name, origin, variables), origin)]
  }
}

function passed(name: string, origin: FileOrigin, variables: Variables): Value {
  return variables.get(name, origin) ?? { kind: 'unknown', reason: `\`${name}\` is taken from the shell that runs compose`, origin }
}

function splitAtEquals(value: Value): { readonly name: string; readonly rest: Value | undefined } | undefined {
  const first = value.kind === 'joined' ? value.parts[0] : value
  if (first?.kind !== 'known') return undefined
  const text = String(first.value)
  const equals = text.indexOf('=')
  if (equals < 0) return value.kind === 'known' ? { name: text, rest: undefined } : undefined
  const head: Value = equals + 1 < text.length ? { ...first, value: text.slice(equals + 1) } : ABSENT
  const name = text.slice(0, equals)
  if (value.kind !== 'joined') return { name, rest: head.kind === 'absent' ? { ...first, value: '' } : head }
  return { name, rest: { ...value, parts: [...(head.kind === 'absent' ? [] : [head]), ...value.parts.slice(1)] } }
}
