import { argumentList } from '../values/calls.ts'
import type { Evaluator } from '../values/evaluator.ts'
import type { Form } from '../frameworks/form.ts'
import { CALLS, METHODS, type ServerRow } from '../frameworks/index.ts'
import { superClass } from '../values/instances.ts'
import type { Argument } from '../values/meaning.ts'
import { callOfExpression, type Module } from '../source/module.ts'
import { methodUses, type MethodUse, namedUses } from './method-uses.ts'
import { localNames } from '../source/local-names.ts'
import { around, type Node, nodeAt } from '../../tree.ts'
import { calleeOf, CLASSES } from '../source/syntax.ts'

/** A call that may make something listen. `anchor` is the node whose line is the place: the name `listen`, or the call. */
export type Site = {
  readonly call: Node
  readonly anchor: Node
  arguments(evaluator: Evaluator): readonly Argument[]
} /** `key`: the expression that says the method's name, where no name stands there. `handed`: as in `MethodUse`. */ & (
  | { readonly kind: 'method'; readonly method: string | { readonly key: Node }; readonly receiver: Node; readonly handed?: true }
  | { readonly kind: 'call'; readonly row: ServerRow; readonly reads: Form }
)

/** Packages, and the platform's own names, whose calls listen: `ws` → its calls. */
const PACKAGES: ReadonlyMap<string, readonly string[]> = packages()

function packages(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const name of CALLS.keys()) {
    const hash = name.indexOf('#')
    const library = hash < 0 ? name : hash === 0 ? name.slice(0, name.indexOf('.')) : name.slice(0, hash)
    const word = /[^#.]+$/.exec(name)?.[0] ?? ''
    // Node's own modules are known without `node:` too.
    for (const spelled of library.startsWith('node:') ? [library, library.slice(5)] : [library])
      found.set(spelled, [...(found.get(spelled) ?? []), ...(hash < 0 ? [] : [word])])
  }
  return found
}

/** Methods so common that only a mention of their package makes them worth a look. */
const MENTIONS: Readonly<Record<string, RegExp>> = {
  bind: /dgram|grpc/,
  attach: /socket\.io/,
  start: /restana|fastmcp|webpack-dev-server/,
  serve: /esbuild/,
  init: /browser-sync/,
}

/** Methods that say by themselves that something listens. */
const TELLING = [...METHODS].filter((method) => method !== 'listen' && MENTIONS[method] === undefined)

/** Whether a file may have a site; asked of every file, so it only searches text. */
export function maySite(content: string): boolean {
  return (
    (content.includes('listen') && /\blisten\b/.test(content)) ||
    TELLING.some((method) => content.includes(method)) ||
    Object.values(MENTIONS).some((needed) => needed.test(content)) ||
    (COMPUTED.test(content) && NAMED_SERVER.test(content)) ||
    [...PACKAGES.keys()].some((library) => mentions(content, library))
  )
}

/** `server[name](…)`. */
const COMPUTED = /\]\s{0,20}(?:\?\.\s{0,20})?\(/
const NAMED_SERVER = /\b(?:app|application|server|srv|https?|fastify|io|wss?)\s{0,20}(?:\?\.)?\[/i

const MENTIONED: ReadonlyMap<string, RegExp> = new Map(
  [...PACKAGES.keys()].map((library) => [
    library,
    library.startsWith('#') ? new RegExp(`\\b${library.slice(1)}\\.`) : new RegExp(`['"\`:]${library.replace(/[.]/g, '\\.')}['"\`@]`),
  ]),
)

function mentions(content: string, library: string): boolean {
  return content.includes(library.replace('#', '')) && MENTIONED.get(library)?.test(content) === true
}

export function sitesOf(module: Module, evaluator: Evaluator): readonly Site[] {
  const found = new Map<Node, Site>()
  for (const site of callSites(module, evaluator)) if (!found.has(site.call)) found.set(site.call, site)
  for (const method of METHODS) {
    const needed = MENTIONS[method]
    if (needed !== undefined && !needed.test(module.file.content)) continue
    for (const site of methodSites(method, module)) if (!found.has(site.call)) found.set(site.call, site)
  }
  for (const site of computedSites(module)) if (!found.has(site.call)) found.set(site.call, site)
  return [...found.values()].toSorted((a, b) => a.anchor.start - b.anchor.start)
}

function methodSites(method: string, module: Module): readonly Site[] {
  return module.offsets(method).flatMap((at): readonly Site[] => {
    const name = nodeAt(module.root, at)
    if (name?.kind === 'property_identifier' && name.parent?.kind === 'member_expression') return usesOf(name.parent, name, method, module)
    const taken = name === undefined ? undefined : takenOut(name)
    if (taken !== undefined && name !== undefined) return sitesAt(namedUses(taken.name, module), name, method, taken.from)
    // server['listen'](3000)
    const subscript = name?.kind === 'string_fragment' ? name.parent?.parent : undefined
    return name !== undefined && subscript?.kind === 'subscript_expression' && name.content === method
      ? usesOf(subscript, name, method, module)
      : []
  })
}

/** `const { listen } = server`, `({ listen: go } = server)`: what it is called, and what it is taken from. */
function takenOut(key: Node): { readonly name: Node; readonly from: Node } | undefined {
  const isShort = key.kind === 'shorthand_property_identifier_pattern'
  const pair = key.parent?.kind === 'pair_pattern' && key.isField('key') ? key.parent : undefined
  const pattern = isShort ? key.parent : pair?.parent
  const name = isShort ? key : pair?.field('value')
  const outer = pattern?.kind === 'object_pattern' ? pattern.parent : undefined
  const from =
    outer?.kind === 'variable_declarator'
      ? outer.field('value')
      : outer?.kind === 'assignment_expression' && pattern?.isField('left')
        ? outer.field('right')
        : undefined
  return from === undefined || (name?.kind !== 'identifier' && !isShort) || name === undefined ? undefined : { name, from }
}

/** `server['lis' + 'ten'](3000)`, `server[name](3000)`. */
function computedSites(module: Module): readonly Site[] {
  const { content } = module.file
  if (!COMPUTED.test(content)) return []
  return [...content.matchAll(new RegExp(COMPUTED, 'g'))].flatMap((match): readonly Site[] => {
    const bracket = nodeAt(module.root, match.index)
    const member = bracket?.parent?.kind === 'subscript_expression' ? bracket.parent : undefined
    const index = member?.field('index')
    if (bracket === undefined || member === undefined || index === undefined || index.kind === 'number' || index.kind === 'string')
      return []
    return usesOf(member, bracket, { key: index }, module)
  })
}

type Method = Extract<Site, { readonly kind: 'method' }>['method']

function usesOf(member: Node, name: Node, method: Method, module: Module): readonly Site[] {
  const receiver = member.field('object')
  return receiver === undefined ? [] : sitesAt(methodUses(member, module), name, method, receiver)
}

function sitesAt(uses: readonly MethodUse[], name: Node, method: Method, receiver: Node): readonly Site[] {
  return uses.map(({ call, ...use }) => ({
    kind: 'method',
    method,
    receiver,
    call,
    anchor: call.start <= name.start && name.end <= call.end ? name : call,
    ...use,
  }))
}

function callSites(module: Module, evaluator: Evaluator): readonly Site[] {
  const words = new Set<string>()
  const direct: Node[] = []
  for (const [library, names] of PACKAGES) {
    if (!mentions(module.file.content, library)) continue
    const local = localNames(module, library)
    for (const word of [...names, ...local]) words.add(word)
    if (CALLS.has(library)) direct.push(...requireCalls(module, library))
    // What is only named, in a text, is nothing that a class extends.
    if (local.length > 0 || library.startsWith('#')) words.add('super')
  }
  return [...[...words].flatMap((word) => module.calls(word)), ...direct].flatMap((call): readonly Site[] => {
    const listens = CALLS.get(libraryOf(call, evaluator) ?? '')
    if (listens === undefined) return []
    return [
      {
        kind: 'call',
        row: listens.row,
        reads: listens.reads,
        call,
        anchor: call,
        arguments: () => argumentList(call, undefined, evaluator),
      },
    ]
  })
}

/** The package's name for what is called; of `super(…)`, for what the class extends. */
function libraryOf(call: Node, evaluator: Evaluator): string | undefined {
  const callee = calleeOf(call)
  const holder = callee?.kind === 'super' ? around(call, CLASSES) : undefined
  const target = callee?.kind === 'super' ? (holder === undefined ? undefined : superClass(holder)) : callee
  if (target === undefined) return undefined
  const meaning = evaluator.ask(new Map(), () => evaluator.meaning(target, undefined)).answer
  return meaning.kind === 'library' ? meaning.name : undefined
}

/** `require('socket.io')(3000)`: the calls of what `require` of a package gives. */
function requireCalls(module: Module, library: string): readonly Node[] {
  return module.offsets(library).flatMap((at) => {
    const required = nodeAt(module.root, at)?.parent?.parent?.parent
    return required?.kind === 'call_expression' && calleeOf(required)?.content === 'require' ? callOfExpression(required) : []
  })
}
