import type { Evaluator } from './evaluator.ts'
import { SERVERS } from '../frameworks/index.ts'
import {
  type Argument,
  eitherMeaning,
  type Frame,
  isNothing,
  type Meaning,
  NOTHING,
  unknownMeaning,
  valueMeaning,
  valueOf,
} from './meaning.ts'
import { dataNames } from './data-values.ts'
import { copiedAt, memberNames, overlaid } from './members.ts'
import type { Node } from '../../tree.ts'
import { argumentsOf } from '../source/syntax.ts'
import { convert, known, parseNumber, toNumber } from './values.ts'

/** A call into a package or the platform. */
export interface LibraryCall {
  readonly name: string
  readonly call: Node
  readonly frame: Frame | undefined
}

type Builtin = (call: LibraryCall, evaluator: Evaluator) => Meaning

const argument = ({ call, frame }: LibraryCall, index: number, evaluator: Evaluator): Meaning => {
  const node = argumentsOf(call)[index]
  return node === undefined ? NOTHING : evaluator.meaning(node, frame)
}

const firstArgument: Builtin = (call, evaluator) => argument(call, 0, evaluator)

const number =
  (whole: boolean | undefined): Builtin =>
  (call, evaluator) => {
    const value = valueOf(argument(call, 0, evaluator), call.call.origin)
    return valueMeaning(whole === undefined ? toNumber(value) : parseNumber(value, whole))
  }

const isNotNumber: Builtin = (call, evaluator) => {
  const value = valueOf(argument(call, 0, evaluator), call.call.origin)
  if (value.kind === 'known' || value.kind === 'absent')
    return valueMeaning(known(value.kind === 'absent' || Number.isNaN(Number(value.value)), call.call.origin))
  return unknownMeaning('whether it is a number is decided when it runs', call.call.origin)
}

/** `Deno.env.get('PORT')`. */
const variable: Builtin = (call, evaluator) => {
  const name = valueOf(argument(call, 0, evaluator), call.call.origin)
  return name.kind === 'known'
    ? evaluator.property({ kind: 'environment' }, String(name.value), call.call)
    : unknownMeaning('which variable is read is decided when it runs', call.call.origin)
}

/** `Object.assign(target, a, b)`: what comes later wins. */
const assigned: Builtin = ({ call, frame }, evaluator) => {
  const [target, ...sources] = argumentsOf(call).map((node) => evaluator.meaning(node, frame))
  if (target === undefined || sources.length === 0) return target ?? NOTHING
  const all = [target, ...sources.map((source) => copiedAt(source, call))]
  return {
    kind: 'merged',
    made: call,
    property: (name) => all.reduce<Meaning>((below, source) => overlaid(source, name, () => below, call, evaluator), NOTHING),
  }
}

/** `merge(a, b)` of several packages: as `assigned`, and objects within objects are merged too. */
const deeplyMerged: Builtin = ({ call, frame }, evaluator) =>
  merged(
    argumentsOf(call).map((node) => {
      const given = evaluator.meaning(node, frame)
      // What a CommonJS module exports is its default.
      return given.kind === 'module' ? evaluator.property(given, 'default', call) : given
    }),
    call,
    evaluator,
  )

function merged(sources: readonly Meaning[], call: Node, evaluator: Evaluator): Meaning {
  const [only] = sources
  if (only === undefined || sources.length === 1) return only ?? NOTHING
  return {
    kind: 'merged',
    made: call,
    property: (name) => {
      const found = sources.map((source) => evaluator.property(source, name, call)).filter((meaning) => !isNothing(meaning))
      if (found.every((meaning) => meaning.kind !== 'value' && meaning.kind !== 'function')) return merged(found, call, evaluator)
      return found.reduce((before: Meaning, meaning) => eitherMeaning(meaning, before, '??', call.origin), NOTHING)
    },
  }
}

const item = (meaning: Meaning): Argument => ({ node: undefined, meaning: () => meaning })

/** The members of an object literal, as a list. */
function members(call: LibraryCall, evaluator: Evaluator, take: (key: Meaning, value: Meaning) => Meaning): Meaning {
  const given = argument(call, 0, evaluator)
  // What a CommonJS module exports is its default.
  const object = given.kind === 'module' ? evaluator.property(given, 'default', call.call) : given
  const names = object.kind === 'object' ? memberNames(object.node) : object.kind === 'data' ? dataNames(object.tree) : undefined
  if (names === undefined) return unknownMeaning('the members of this object are not followed', call.call.origin)
  return {
    kind: 'list',
    items: names.map((name) => item(take(valueMeaning(known(name, call.call.origin)), evaluator.property(object, name, call.call)))),
  }
}

/** What the platform's and a few packages' functions give back. */
const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ...['#isNaN', '#Number.isNaN'].map((name) => [name, isNotNumber] as const),
  ['#Number', number(undefined)],
  ['#parseInt', number(true)],
  ['#Number.parseInt', number(true)],
  ['#parseFloat', number(false)],
  ['#Number.parseFloat', number(false)],
  [
    '#String',
    (call, evaluator) =>
      valueMeaning(convert(valueOf(argument(call, 0, evaluator), call.call.origin), (value, origin) => known(String(value), origin))),
  ],
  ['#Deno.env.get', variable],
  ['env-var#get', variable],
  ['#Object.assign', assigned],
  ...[
    'deepmerge',
    'deepmerge#all',
    'lodash#merge',
    'lodash.merge',
    'lodash/merge',
    'lodash-es#merge',
    'ts-deepmerge#merge',
    'vite#mergeConfig',
    'webpack-merge',
    'webpack-merge#merge',
    '@rsbuild/core#mergeRsbuildConfig',
  ].map((name) => [name, deeplyMerged] as const),
  ...[
    '#Array.from',
    '#Array.prototype.slice.call',
    '#Object.freeze',
    '#Object.seal',
    '#structuredClone',
    '#Promise.resolve',
    'node:util#promisify',
    'vite#defineConfig',
    'vitest/config#defineConfig',
    'astro/config#defineConfig',
    '@vue/cli-service#defineConfig',
    '@rsbuild/core#defineConfig',
    '#defineNuxtConfig',
    'nuxt/config#defineNuxtConfig',
    'nuxt#defineNuxtConfig',
    'http-shutdown',
    'stoppable',
    'server-destroy',
  ].map((name) => [name, firstArgument] as const),
  ['node:module#createRequire', () => ({ kind: 'library', name: '#require' })],
  // const { app } = expressWs(express())
  ['express-ws', (call, evaluator) => ({ kind: 'wrapped', property: 'app', meaning: argument(call, 0, evaluator) })],
  // .env files of the mode, and the variables of the process over them.
  ['vite#loadEnv', () => ({ kind: 'environment' })],
  ['#Object.values', (call, evaluator) => members(call, evaluator, (_, value) => value)],
  ['#Object.keys', (call, evaluator) => members(call, evaluator, (key) => key)],
  ['#Object.entries', (call, evaluator) => members(call, evaluator, (key, value) => ({ kind: 'list', items: [item(key), item(value)] }))],
])

export function libraryCall(name: string, call: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const type = evaluator.makers.get(name)
  if (type !== undefined) return { kind: 'server', type: variantOf(type, call, frame, evaluator), made: call, frame }
  const given: LibraryCall = { name, call, frame }
  const builtin = BUILTINS.get(name)
  if (builtin !== undefined) return builtin(given, evaluator)
  return evaluator.packages.call(given, evaluator) ?? { kind: 'result', of: name, call, frame }
}

/** `NestFactory.create(AppModule, new FastifyAdapter())` is another row than without the adapter. */
function variantOf(type: string, call: Node, frame: Frame | undefined, evaluator: Evaluator): string {
  const variant = SERVERS.get(type)?.variant
  if (variant === undefined) return type
  const given = argumentsOf(call).map((node) => evaluator.meaning(node, frame))
  return given.some((meaning) => meaning.kind === 'result' && meaning.of === variant.given) ? variant.row : type
}
