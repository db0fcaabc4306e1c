import { ABSENT, type FileOrigin, knownText, type Value } from '../../evidence/index.ts'
import type { Node } from '../tree.ts'
import type { Evaluator } from './evaluator.ts'
import { flagValue, isFlag } from './flags.ts'
import { argumentsOf } from './syntax.ts'
import { type Filling, type Frame, reasonOf, type Thing, unknown, valueOf, valueThing } from './thing.ts'
import { type Field, fieldsOf, lastName } from './types.ts'
import type { Write } from './writes.ts'

/** Functions that fill in a struct from variables, by its tags. `prefix`: the argument that all names begin with. */
const FILLS: readonly {
  readonly name: RegExp
  readonly by: Filling
  readonly prefix?: number
  readonly options?: number
  readonly file?: true
}[] = [
  { name: /^github\.com\/(?:caarlos0|codingconcepts)\/env\.(?:Parse|ParseWithOptions|ParseWithFuncs)$/, by: 'env', options: 1 },
  { name: /^github\.com\/kelseyhightower\/envconfig\.(?:Process|MustProcess)$/, by: 'envconfig', prefix: 0 },
  { name: /^github\.com\/sethvargo\/go-envconfig\.(?:Process|MustProcess|ProcessWith)$/, by: 'go-envconfig' },
  { name: /^github\.com\/ilyakaznacheev\/cleanenv\.(?:ReadEnv|UpdateEnv)$/, by: 'cleanenv' },
  { name: /^github\.com\/ilyakaznacheev\/cleanenv\.ReadConfig$/, by: 'cleanenv', file: true },
]

type FilledWrite = Extract<Write, { readonly kind: 'filled' }>
type Filled = Extract<Thing, { readonly kind: 'filled' }>

/** What a variable holds whose address a function outside was given. `rest`: the fields that are asked for; `before`: the same before. */
export function fill(
  evaluator: Evaluator,
  { node: call, argument }: FilledWrite,
  rest: readonly string[],
  frame: Frame | undefined,
  before: () => Thing,
  whole: () => Thing,
): Thing {
  const external = evaluator.types.externalName(call.field('function')) ?? call.field('function')?.content ?? ''
  const { origin } = call
  if (isFlag(external))
    return rest.length > 0 ? before() : (flagValue(evaluator, external, call, frame) ?? unknown(reasonOf(external), origin))
  const row = FILLS.find(({ name }) => name.test(external))
  const type = row === undefined ? undefined : evaluator.types.of(argument)
  if (row !== undefined && type?.kind === 'own') {
    const prefix = prefixOf(evaluator, call, row, frame)
    if (prefix === undefined) return unknown('which variables it is filled in from is not known', origin)
    return evaluator.members(
      { kind: 'filled', type: type.node, by: row.by, ...(row.file === true ? { file: true } : {}), prefix, before: whole(), origin },
      rest,
      origin,
    )
  }
  // A socket, a mutex, a log: what is handed on of it is not its settings.
  if (/^(?:sync|context|atomic|json\.Marshal)/.test(external)) return before()
  const reason = reasonOf(external)
  return unknown(reason === reasonOf('') ? `filled in by ${external.replace(/^.*\//, '')} when the program runs` : reason, origin)
}

function prefixOf(evaluator: Evaluator, call: Node, row: (typeof FILLS)[number], frame: Frame | undefined): string | undefined {
  const given = argumentsOf(call)
  const node = row.prefix === undefined ? undefined : given[row.prefix]
  const options = row.options === undefined ? undefined : given[row.options]
  if (options !== undefined) {
    const value = valueOf(evaluator.member(evaluator.evaluate({ node: options, frame }), 'Prefix', options.origin), options.origin)
    return value.kind === 'absent' ? '' : knownText(value)
  }
  if (node === undefined) return ''
  return knownText(valueOf(evaluator.evaluate({ node, frame }), node.origin))
}

/** A field of a struct that is filled in. */
export function filledField(evaluator: Evaluator, filled: Filled, name: string, origin: FileOrigin): Thing {
  for (const field of fieldsOf(filled.type)) {
    const own = field.names.length > 0 ? field.names.some((one) => one.content === name) : lastName(field.type) === name
    const before = (): Thing => evaluator.member(filled.before, name, origin)
    if (own) return ofField(evaluator, filled, field, name, before, origin)
    if (field.names.length > 0) continue
    const inner = evaluator.types.named(field.type)
    if (inner?.kind === 'own' && evaluator.types.field(inner, name) !== undefined)
      return filledField(
        evaluator,
        { ...filled, type: inner.node, prefix: filled.prefix + (tagOf(field.tag, 'envPrefix') ?? '') },
        name,
        origin,
      )
  }
  // A field whose type is plain is none of `types.field`.
  for (const field of fieldsOf(filled.type)) {
    const inner = field.names.length > 0 ? undefined : evaluator.types.named(field.type)
    if (inner?.kind === 'own' && fieldsOf(inner.node).some((one) => one.names.some((each) => each.content === name)))
      return filledField(
        evaluator,
        { ...filled, type: inner.node, prefix: filled.prefix + (tagOf(field.tag, 'envPrefix') ?? '') },
        name,
        origin,
      )
  }
  return unknown('a field that is not known', origin)
}

function ofField(evaluator: Evaluator, filled: Filled, field: Field, name: string, before: () => Thing, origin: FileOrigin): Thing {
  const struct = field.type?.kind === 'struct_type' ? field.type : undefined
  const type = evaluator.types.named(field.type)
  const node = struct ?? (type?.kind === 'own' && fieldsOf(type.node).length > 0 ? type.node : undefined)
  if (node !== undefined) return { ...filled, type: node, prefix: innerPrefix(filled, field, name), before: before() }
  const place = field.names.find((one) => one.content === name)?.origin ?? origin
  const found = VARIABLE[filled.by](filled, field, name)
  if (found === undefined) return filled.file === true ? unknown(IN_FILE, place) : before()
  const told: Value = found.fallback === undefined ? fallbackOf(before(), place) : { kind: 'known', value: found.fallback, origin: place }
  const given: Value =
    filled.file === true ? { kind: 'choice', options: [told, { kind: 'unknown', reason: IN_FILE, origin: place }], origin: place } : told
  return valueThing(
    found.names.reduceRight<Value>(
      (fallback, variable) => ({ kind: 'environment', name: variable, fallback, emptyIsUnset: false, origin: place }),
      given,
    ),
  )
}

const IN_FILE = 'a configuration file that is not read may set it'

/** What stays where nothing is set: the value from before, unless that is nothing. */
function fallbackOf(before: Thing, origin: FileOrigin): Value {
  const value = valueOf(before, origin)
  return value.kind === 'known' && (value.value === '' || value.value === 0) ? ABSENT : value
}

function innerPrefix({ by, prefix }: Filled, { tag, names }: Field, name: string): string {
  switch (by) {
    case 'env':
      return prefix + (tagOf(tag, 'envPrefix') ?? '')
    case 'cleanenv':
      return prefix + (tagOf(tag, 'env-prefix') ?? '')
    case 'go-envconfig':
      return prefix + (/\bprefix=([^,]*)/.exec(tagOf(tag, 'env') ?? '')?.[1] ?? '')
    case 'envconfig': {
      if (names.length === 0) return prefix
      const own = (tagOf(tag, 'envconfig') ?? name).toUpperCase()
      return prefix === '' ? own : `${prefix}_${own}`
    }
    default:
      return by satisfies never
  }
}

interface FromVariable {
  /** The first that is set. */
  readonly names: readonly string[]
  readonly fallback: string | undefined
}

/** The variables that a field is filled in from (the README of each package, Struct tags). `undefined`: none. */
const VARIABLE: Readonly<Record<Filling, (filled: Filled, field: Field, name: string) => FromVariable | undefined>> = {
  env: ({ prefix }, { tag }) => {
    const [name = ''] = (tagOf(tag, 'env') ?? '').split(',')
    return name === '' ? undefined : { names: [prefix + name], fallback: tagOf(tag, 'envDefault') }
  },
  envconfig: ({ prefix }, { tag }, field) => {
    if (tagOf(tag, 'ignored') === 'true') return undefined
    const given = tagOf(tag, 'envconfig')
    const plain = tagOf(tag, 'split_words') === 'true' ? field.replace(/([a-z\d])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3_$2') : field
    const name = (given ?? plain).toUpperCase()
    const whole = prefix === '' ? name : `${prefix.toUpperCase()}_${name}`
    return { names: given === undefined || whole === name ? [whole] : [whole, name], fallback: tagOf(tag, 'default') }
  },
  'go-envconfig': ({ prefix }, { tag }) => {
    const [name = '', ...options] = (tagOf(tag, 'env') ?? '').split(',').map((part) => part.trim())
    const fallback = options.find((option) => option.startsWith('default='))?.slice('default='.length)
    return name === '' ? undefined : { names: [prefix + name], fallback }
  },
  cleanenv: ({ prefix }, { tag }) => {
    const names = (tagOf(tag, 'env') ?? '').split(',').filter((name) => name !== '')
    return names.length === 0 ? undefined : { names: names.map((name) => prefix + name), fallback: tagOf(tag, 'env-default') }
  },
}

/** One key of a struct tag (reflect.StructTag.Get). */
function tagOf(tag: string, key: string): string | undefined {
  for (const [, name, value] of tag.slice(0, 2000).matchAll(/([\w-]+):"((?:[^"\\]|\\.)*)"/g)) if (name === key) return value
  return undefined
}
