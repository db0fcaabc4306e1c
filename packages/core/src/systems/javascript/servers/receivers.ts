import { libraryProperty } from '../values/libraries.ts'
import type { Value } from '../../../evidence/index.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { SERVERS, type ServerRow, TYPES } from '../frameworks/index.ts'
import { superInstance } from '../values/instances.ts'
import { type Argument, isNothing, isUnknown, type Meaning, optionsOf, valueOf } from '../values/meaning.ts'
import type { Site } from './sites.ts'
import { around, type Node } from '../../tree.ts'
import { bare, CLASSES } from '../source/syntax.ts'

/** The server that a method is called on. `undefined`: it is something else. */
export interface Receiver {
  readonly row: ServerRow
  readonly meaning: Meaning
}

export type MethodSite = Extract<Site, { readonly kind: 'method' }>

export function receiverOf(site: MethodSite, method: string, given: readonly Argument[], evaluator: Evaluator): Receiver | undefined {
  const meaning = evaluator.meaning(site.receiver, undefined)
  const options = optionsOf(meaning)
  for (const option of options) {
    const server = asServer(option, site.receiver, evaluator)
    const row = server === undefined ? undefined : SERVERS.get(server.type)
    if (server !== undefined && row !== undefined) return { row, meaning: server }
  }
  if (site.handed === true || typeof site.method !== 'string' || !options.some((option) => isOpen(option, site, method, evaluator)))
    return undefined
  const typed = typedRow(site.receiver, evaluator)
  if (typed !== undefined) return { row: typed, meaning }
  const guessed = method === 'listen' ? plausible(site, meaning, given) : undefined
  return guessed === undefined ? undefined : { row: guessed, meaning }
}

const UNTOLD: ReadonlySet<Meaning['kind']> = new Set(['result', 'library'])
const MADE_HERE: ReadonlySet<Meaning['kind']> = new Set(['function', 'object', 'instance', 'class', 'module'])

/** It may be a server: not told by the folder, or made here of parts that are not, without a method of that name of its own. */
function isOpen(meaning: Meaning, site: MethodSite, method: string, evaluator: Evaluator): boolean {
  if (UNTOLD.has(meaning.kind) || isNothing(meaning) || isUnknown(meaning)) return true
  return MADE_HERE.has(meaning.kind) && evaluator.property(meaning, method, site.receiver).kind !== 'function'
}

/** A server, or an object of a class that extends one. */
function asServer(meaning: Meaning, receiver: Node, evaluator: Evaluator): Extract<Meaning, { readonly kind: 'server' }> | undefined {
  let current: Meaning | undefined = meaning
  for (let depth = 0; depth < 8 && current !== undefined; depth++) {
    if (current.kind === 'server') return current
    if (current.kind === 'library') {
      const type = depth === 0 ? undefined : evaluator.makers.get(current.name)
      return type === undefined ? undefined : { kind: 'server', type, made: receiver, frame: undefined }
    }
    if (current.kind !== 'instance') return undefined
    current = superInstance(current, evaluator)
  }
  return undefined
}

/** What TypeScript's annotation of the receiver says: `app: express.Application`. */
function typedRow(receiver: Node, evaluator: Evaluator): ServerRow | undefined {
  const annotation = annotationOf(bare(receiver), evaluator)
  const types = annotation === undefined ? [] : annotation.content.replace(/^:\s*/, '').split(/[|&]/)
  for (const type of types) {
    const parts = type.trim().replace(/<.*$/s, '').split('.')
    const [first] = parts
    const declaration =
      first === undefined
        ? undefined
        : evaluator
            .moduleOf(receiver)
            ?.declarations(first)
            .find((found) => found.kind === 'import')
    if (declaration?.kind !== 'import') continue
    const specifier = declaration.specifier.content.slice(1, -1)
    const target = evaluator.project.resolve(receiver.file.path, specifier)
    if (target.kind !== 'package') continue
    let name: Meaning = { kind: 'library', name: target.name }
    for (const part of [...(declaration.imported === '*' ? [] : [declaration.imported]), ...parts.slice(1)])
      if (name.kind === 'library') name = libraryProperty(name.name, part)
    const row = name.kind === 'library' ? SERVERS.get(TYPES.get(name.name) ?? '') : undefined
    if (row !== undefined) return row
  }
  return undefined
}

function annotationOf(receiver: Node, evaluator: Evaluator): Node | undefined {
  const module = evaluator.moduleOf(receiver)
  if (receiver.kind === 'identifier') {
    const declaration = module?.lookup(receiver.content, receiver)
    if (declaration?.kind === 'parameter') return declaration.parameter.field('type')
    return declaration?.kind === 'variable' ? declaration.node.field('type') : undefined
  }
  const name =
    receiver.kind === 'member_expression' && receiver.field('object')?.kind === 'this' ? receiver.field('property')?.content : undefined
  const body = name === undefined ? undefined : around(receiver, CLASSES)?.field('body')
  for (const member of body?.named ?? []) {
    if ((member.field('name') ?? member.field('property'))?.content === name) return member.field('type')
    for (const parameter of member.field('name')?.content === 'constructor' ? (member.field('parameters')?.named ?? []) : []) {
      if (parameter.field('pattern')?.content === name) return parameter.field('type')
    }
  }
  return undefined
}

const SERVER_NAME = /^(?:app|application|api|server|srv|https?|https?Server|httpsServer|webServer|wss?|io|koa|express|fastify)$/i

/**
 * A `listen` on something that cannot be told. Hardly anything but a server listens on a port; what listens for events,
 * changes or messages is given a function or a name.
 */
function plausible(site: MethodSite, meaning: Meaning, given: readonly Argument[]): ServerRow | undefined {
  const [first] = given
  const name = lastName(site.receiver)
  const target = first?.meaning()
  const portly =
    first !== undefined &&
    target !== undefined &&
    (isPort(valueOf(target, site.call.origin), SERVER_NAME.test(name) ? 0 : LOWEST_LIKELY_PORT) ||
      /port\)?$/i.test(first.node?.content ?? '') ||
      hasPort(target, site))
  const unnamed = meaning.kind === 'value' && SERVER_NAME.test(name)
  const silent = first === undefined || target?.kind === 'function'
  const open = target?.kind === 'value' && target.value.kind === 'unknown'
  const looksLikeServer = portly || (unnamed && (open || silent) && mentionsServer(site.receiver.file.content))
  if (!looksLikeServer) return undefined
  return SERVERS.get(/fastify/i.test(name) ? 'fastify' : 'node:http')
}

function lastName(receiver: Node): string {
  const inner = bare(receiver)
  return (inner.kind === 'member_expression' ? inner.field('property')?.content : inner.content) ?? ''
}

/** Below it a number on something of any name is rather a count or an index. */
export const LOWEST_LIKELY_PORT = 80

export function isPort(value: Value, lowest: number): boolean {
  switch (value.kind) {
    case 'known': {
      const number = typeof value.value === 'boolean' || value.value === '' ? Number.NaN : Number(value.value)
      return Number.isInteger(number) && number >= lowest && number <= 65_535
    }
    case 'environment':
    case 'argument':
      return /port/i.test(value.name) || isPort(value.fallback, lowest)
    case 'choice':
      return value.options.some((option) => isPort(option, lowest))
    default:
      return false
  }
}

function hasPort(meaning: Meaning, site: MethodSite): boolean {
  return (
    meaning.kind === 'object' &&
    meaning.node.named.some((member) => (member.field('key') ?? member).content === 'port') &&
    site.method === 'listen'
  )
}

const SERVER_PACKAGES =
  /['"](?:node:)?(?:https?|http2|net|tls|express|fastify|koa|hono|@hono\/[\w-]+|connect|restify|@hapi\/hapi|socket\.io|@nestjs\/core|polka)['"]/

const mentionsServer = (content: string): boolean => SERVER_PACKAGES.test(content)
