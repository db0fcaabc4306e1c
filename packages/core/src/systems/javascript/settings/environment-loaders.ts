import { ABSENT, joinValues, mapLeaves, type Value } from '../../../evidence/index.ts'
import type { Node } from '../../tree.ts'
import { argumentsOf, bare, propertyName } from '../source/syntax.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { isNothing, type Meaning, NOTHING, valueOf } from '../values/meaning.ts'
import { known, unknown } from '../values/values.ts'
import { pathsOf } from './file-paths.ts'

/** What one call loads. `files`: those looked at first go before. */
export interface Loaded {
  readonly files: readonly Value[]
  readonly overrides: boolean
  readonly relativeTo?: 'folder'
}

type Loader = (call: Node, evaluator: Evaluator) => Loaded | undefined

/** A path of which nothing is there: what is loaded where it is decided that nothing is. */
const NO_FILE = ''

const variable = (name: string, fallback: Value, { origin }: Node): Value => ({
  kind: 'environment',
  name,
  fallback,
  emptyIsUnset: true,
  optional: true,
  origin,
})

/** `dotenv/config`: a variable may name another file (dotenv 16, lib/env-options.js). */
export const configured = (at: Node): Loaded => ({
  files: [variable('DOTENV_CONFIG_PATH', known('.env', at.origin), at)],
  overrides: false,
})

/** The files of a mode: `.env.local` and its like, by what stands behind `.env`; those that go before first. */
type Cascade = readonly ('mode.local' | 'mode' | 'local' | 'local unless test' | '' | 'defaults')[]

const VITE: Cascade = ['mode.local', 'mode', 'local', '']
/** dotenv-flow 4, lib/dotenv-flow.js: listFiles. */
const FLOW: Cascade = ['mode.local', 'mode', 'local unless test', '', 'defaults']
/** @next/env 15: loadEnvConfig. */
const NEXT: Cascade = ['mode.local', 'local unless test', 'mode', '']

function filesOfMode(cascade: Cascade, mode: Value, directory: Value, { origin }: Node): readonly Value[] {
  const path = (...parts: readonly Value[]): Value => joinValues([directory, ...parts], origin)
  const text = (part: string): Value => known(part, origin)
  return cascade.map((name): Value => {
    if (name === 'mode.local') return path(text('.env.'), mode, text('.local'))
    if (name === 'mode') return path(text('.env.'), mode)
    if (name === '' || name === 'defaults' || name === 'local') return path(text(name === '' ? '.env' : `.env.${name}`))
    return { kind: 'choice', options: [text(NO_FILE), path(text('.env.local'))], when: { of: unlessSet(mode), is: ['test'] }, origin }
  })
}

/** Where nothing is seen to set a mode it is not that of tests. */
function unlessSet(mode: Value): Value {
  if (mode.kind === 'environment') return { ...mode, fallback: unlessSet(mode.fallback), optional: true }
  return mode.kind === 'argument' ? { ...mode, fallback: unlessSet(mode.fallback) } : mode
}

const nodeEnvironment = ({ origin }: Node, fallback: Value = ABSENT, name = 'NODE_ENV'): Value => ({
  kind: 'environment',
  name,
  fallback,
  emptyIsUnset: true,
  origin,
})

/** `dotenv-flow/config`: words of the command line go before variables (dotenv-flow 4, config.js). */
export const flowing = (at: Node): Loaded => {
  const { origin } = at
  const argument = (name: string, fallback: Value): Value => ({ kind: 'argument', name, fallback, origin })
  const usual = argument('--default-node-env', nodeEnvironment(at, ABSENT, 'DEFAULT_NODE_ENV'))
  return { files: filesOfMode(FLOW, argument('--node-env', nodeEnvironment(at, usual)), ABSENT, at), overrides: false }
}

/** `config({ node_env, default_node_env, path, pattern })` (dotenv-flow 4, lib/dotenv-flow.js). */
const flow: Loader = (call, evaluator) => {
  const options = firstOf(call, evaluator)
  const given = (name: string): Value => (isNothing(options) ? ABSENT : valueOf(evaluator.property(options, name, call), call.origin))
  const usual = given('default_node_env')
  const named = given('node_env')
  const mode = named.kind === 'absent' ? nodeEnvironment(call, usual) : named
  if (given('pattern').kind !== 'absent') return { files: [unknown('which files are loaded is a pattern', call.origin)], overrides: false }
  const path = given('path')
  const { directory, ...more } = path.kind === 'absent' ? HERE : directoryOf(memberValue(call, 'path'), evaluator, path)
  return { files: filesOfMode(FLOW, mode, directory, call), overrides: false, ...more }
}

/** Vite's `loadEnv(mode, directory, prefix)`: what it gives back are variables of the process, and those of the files below them. */
const vite: Loader = (call, evaluator) => {
  const [mode, directory] = argumentsOf(call)
  const given = mode === undefined ? NOTHING : evaluator.ask(new Map(), () => evaluator.meaning(mode, undefined)).answer
  const value = valueOf(given, call.origin)
  const { directory: from, ...more } = directoryOf(directory, evaluator)
  return { files: filesOfMode(VITE, value.kind === 'unknown' ? viteMode(call) : value, from, call), overrides: false, ...more }
}

/** `loadEnvConfig(directory, isDevelopment)`: NODE_ENV counts only where it says `test`. */
const next: Loader = (call, evaluator) => {
  const { origin } = call
  const [production, development, test] = ['production', 'development', 'test'].map((name) => known(name, origin)) as [Value, Value, Value]
  const either: Value = { kind: 'choice', options: [development, production], origin }
  const modeOf = (said: Value): Value =>
    said.kind === 'absent' || said.kind === 'known' ? (said.kind === 'known' && Boolean(said.value) ? development : production) : either
  const said = valueOf(meaningAt(call, 1, evaluator), origin)
  const usual = said.kind === 'choice' ? mapLeaves(said, modeOf) : modeOf(said)
  const mode: Value = { kind: 'choice', options: [test, usual], when: { of: unlessSet(nodeEnvironment(call)), is: ['test'] }, origin }
  const { directory, ...more } = directoryOf(argumentsOf(call)[0], evaluator)
  return { files: filesOfMode(NEXT, mode, directory, call), overrides: false, ...more }
}

/** The mode of Vite (vite.dev/guide/env-and-mode): of the command line, else what the subcommand is for. */
export function viteMode({ origin }: Node): Value {
  const argument = (name: string, fallback: Value): Value => ({ kind: 'argument', name, fallback, origin })
  const usual: Value = {
    kind: 'choice',
    options: [known('production', origin), known('development', origin)],
    when: { of: argument('argv[2]', ABSENT), is: ['preview'] },
    origin,
  }
  return argument('--mode', argument('-m', usual))
}

/** `ConfigModule.forRoot({ envFilePath, ignoreEnvFile })` (@nestjs/config 4, lib/config.module.ts). */
const nest: Loader = (call, evaluator) => {
  const options = firstOf(call, evaluator)
  const paths = isNothing(options) ? NOTHING : evaluator.property(options, 'envFilePath', call)
  const ignored = isNothing(options) ? NOTHING : evaluator.property(options, 'ignoreEnvFile', call)
  const files = isNothing(paths)
    ? { files: [known('.env', call.origin)] }
    : filesAt(memberValue(call, 'envFilePath'), paths, call, evaluator)
  const open = chosen(valueOf(ignored, call.origin), files.files, false)
  return open === undefined ? undefined : { ...files, files: open, overrides: false }
}

/** `{ dotenv: true }`, `{ dotenv: { path } }` of env-schema, and of @fastify/env, which hands it on (env-schema 6, index.js). */
const schema =
  (index: number): Loader =>
  (call, evaluator) => {
    const options = meaningAt(call, index, evaluator)
    const given = isNothing(options) ? NOTHING : evaluator.property(options, 'dotenv', call)
    if (isNothing(given)) return undefined
    const path = given.kind === 'object' ? evaluator.property(given, 'path', call) : NOTHING
    if (!isNothing(path)) return { files: [valueOf(path, call.origin)], overrides: false }
    const usual = [known('.env', call.origin)]
    const files = given.kind === 'value' ? chosen(given.value, usual, true) : usual
    return files === undefined ? undefined : { files, overrides: false }
  }

/** `fastify.register(require('@fastify/env'), options)`. */
const registered: Loader = (call, evaluator) => {
  const plugin = meaningAt(call, 0, evaluator)
  return plugin.kind === 'library' && /^(?:@fastify\/env|fastify-env)(?:#default)?$/.test(plugin.name)
    ? schema(1)(call, evaluator)
    : undefined
}

const LAYERS: readonly (readonly [option: string, file: string])[] = [
  ['path', '.env'],
  ['defaults', '.env.defaults'],
]

/** `dotenv-defaults/config`, `dotenv-extended/config`: a file of defaults lies below the other. */
export const layered = ({ origin }: Node): Loaded => ({ files: LAYERS.map(([, file]) => known(file, origin)), overrides: false })

/** `config({ path, defaults, override })` (dotenv-defaults 5, src/index.js), `load({ path, defaults, overrideProcessEnv })` (dotenv-extended 2). */
const withDefaults =
  (option: string): Loader =>
  (call, evaluator) => {
    const options = firstOf(call, evaluator)
    const given = (name: string): Meaning => (isNothing(options) ? NOTHING : evaluator.property(options, name, call))
    const found = LAYERS.map(([name, file]): Pick<Loaded, 'files' | 'relativeTo'> => {
      const meaning = given(name)
      return isNothing(meaning) ? { files: [known(file, call.origin)] } : filesAt(memberValue(call, name), meaning, call, evaluator)
    })
    const override = given(option)
    const overrides = override.kind === 'value' && override.value.kind === 'known' && override.value.value === true
    const files = found.flatMap((one) => one.files)
    return {
      // Each that is loaded over what is set goes over those before it.
      files: overrides ? files.toReversed() : files,
      overrides,
      ...(found.some(({ relativeTo }) => relativeTo === 'folder') ? { relativeTo: 'folder' } : {}),
    }
  }

/** By what is called: the package and the name in it. */
export const LOADERS: ReadonlyMap<string, Loader> = new Map([
  ['dotenv-flow#config', flow],
  ['dotenv-defaults#config', withDefaults('override')],
  ['dotenv-extended#load', withDefaults('overrideProcessEnv')],
  ['vite#loadEnv', vite],
  ['@next/env#loadEnvConfig', next],
  ['@next/env#default.loadEnvConfig', next],
  ['@nestjs/config#ConfigModule.forRoot', nest],
  ['env-schema', schema(0)],
  ['env-schema#envSchema', schema(0)],
])

/** By the last name of what is called, which may be a method of anything. */
export const METHODS: ReadonlyMap<string, Loader> = new Map([['register', registered]])

const meaningAt = (call: Node, index: number, evaluator: Evaluator): Meaning => {
  const node = argumentsOf(call)[index]
  return node === undefined ? NOTHING : evaluator.ask(new Map(), () => evaluator.meaning(node, undefined)).answer
}

const firstOf = (call: Node, evaluator: Evaluator): Meaning => meaningAt(call, 0, evaluator)

/** What stands for a member in an object that is written in the call. */
function memberValue(call: Node, name: string): Node | undefined {
  const [options] = argumentsOf(call)
  const literal = options === undefined ? undefined : bare(options)
  return literal?.kind === 'object' ? literal.named.find((member) => propertyName(member.field('key')) === name)?.field('value') : undefined
}

/** The files that a member names: as it is written, or as it was found. */
function filesAt(written: Node | undefined, found: Meaning, call: Node, evaluator: Evaluator): Pick<Loaded, 'files' | 'relativeTo'> {
  if (written === undefined) return { files: (evaluator.elements(found) ?? [found]).map((element) => valueOf(element, call.origin)) }
  const paths = pathsOf(written, evaluator)
  return {
    files: paths.map(({ value }) => value),
    ...(paths.some(({ inFolder }) => inFolder) ? { relativeTo: 'folder' as const } : {}),
  }
}

interface Directory {
  /** The beginning of a path in it. */
  readonly directory: Value
  readonly relativeTo?: 'folder'
}

const HERE: Directory = { directory: ABSENT }

/** The directory that an argument names; `otherwise`: what is meant where it is not written there. */
function directoryOf(node: Node | undefined, evaluator: Evaluator, otherwise: Value = ABSENT): Directory {
  const [path = { value: otherwise, inFolder: false }] = node === undefined ? [] : pathsOf(node, evaluator)
  const { value, inFolder } = path
  const more = inFolder ? { relativeTo: 'folder' as const } : {}
  if (value.kind === 'absent' || (value.kind === 'known' && /^(?:\.\/)*\.?$/.test(String(value.value))))
    return { directory: ABSENT, ...more }
  return { directory: joinValues([value, known('/', value.origin)], value.origin), ...more }
}

/** The files, where what is said is what makes it load; both where that is not known. `undefined`: none is loaded. */
function chosen(said: Value, files: readonly Value[], loads: boolean): readonly Value[] | undefined {
  if (said.kind === 'absent') return loads ? undefined : files
  if (said.kind === 'known') return Boolean(said.value) === loads ? files : undefined
  return files.map((file) => {
    const none = known(NO_FILE, said.origin)
    const either: Value = { kind: 'choice', options: [file, none], origin: said.origin }
    if (said.kind !== 'choice') return either
    return mapLeaves(said, (leaf) => (leaf.kind === 'known' ? (Boolean(leaf.value) === loads ? file : none) : either))
  })
}
