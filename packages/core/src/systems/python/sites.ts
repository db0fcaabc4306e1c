import type { FileOrigin } from '../../evidence/index.ts'
import type { CallArguments } from './call-arguments.ts'
import { basesOf } from './classes.ts'
import type { Evaluator } from './evaluator.ts'
import { guessesOf, knownCall, type KnownCall, type Vocabulary } from './frameworks.ts'
import type { Module } from './module.ts'
import { type CallShape, callShape } from './parameters.ts'
import { renamedCalls } from './renamed.ts'
import { around, type Node, nodeAt } from '../tree.ts'
import { classOf, functionAround, literalText, parametersOf } from './syntax.ts'
import type { Thing } from './thing.ts'

/** A call that binds. */
export interface Site {
  readonly known: KnownCall
  readonly node: Node
  /** The name that is called: the place that is shown. */
  readonly name: Node
  readonly given: CallArguments
  /** Of a plain socket. */
  readonly socket?: { readonly protocol: 'tcp' | 'udp'; readonly ipv6: boolean }
}

/** The classes of the folder that are servers by their bases; calling them binds. */
export function serverClasses(vocabulary: Vocabulary, contents: Iterable<string>): ReadonlySet<string> {
  const found = new Set<string>()
  const pattern = classPattern(vocabulary)
  if (pattern !== undefined) for (const content of contents) for (const match of content.matchAll(pattern)) found.add(match[1] ?? '')
  return found
}

function classPattern({ classes }: Vocabulary): RegExp | undefined {
  return classes.size === 0 ? undefined : new RegExp(`\\bclass\\s+(\\w+)\\s*\\([^)]{0,300}\\b(?:${[...classes].join('|')})\\b`, 'g')
}

/** Every place of a file that binds. `classes`: those of the folder that are servers. */
export function sitesOf(evaluator: Evaluator, module: Module, vocabulary: Vocabulary, classes: ReadonlySet<string>): readonly Site[] {
  const { content } = module.file
  const names = new Set([...vocabulary.names, ...classes].filter((name) => content.includes(name)))
  for (const match of content.matchAll(/\b(\w+)\s+as\s+(\w+)/g)) if (vocabulary.names.has(match[1] ?? '')) names.add(match[2] ?? '')
  const renamed = renamedCalls(evaluator, module, names)
  // What is bound in part comes together with the call.
  const inPart = new Set(renamed.map((one) => one.name))
  const called = [...names].flatMap((name) => module.occurrences(name)).filter((name) => !inPart.has(name))
  const found = [
    ...called.flatMap((name) => siteAt(evaluator, module, name, callShape(name)) ?? []),
    ...renamed.flatMap(({ name, shape }) => siteAt(evaluator, module, name, shape) ?? []),
    ...inherited(evaluator, module, vocabulary),
  ]
  return found
    .filter((site, index) => found.findIndex((other) => other.node === site.node) === index)
    .toSorted((a, b) => a.node.start - b.node.start)
}

function siteAt(evaluator: Evaluator, module: Module, name: Node, shape: CallShape | undefined): Site | undefined {
  if (shape === undefined) return undefined
  const thing = evaluator.ask({ node: shape.callee, frame: undefined })
  const options = thing.kind === 'several' ? thing.options : [thing]
  const known =
    options.map((option) => meaningOf(evaluator, option)).find((one) => one !== undefined) ??
    guessed(evaluator, module, shape.callee, shape.given, options)
  if (known === undefined) return undefined
  // `socket.socket.bind(s, address)` is given the object first.
  const isUnbound = options.some((option) => option.kind === 'external' && option.name === 'socket.socket.bind')
  const given = isUnbound ? { ...shape.given, positional: shape.given.positional.slice(1) } : shape.given
  const site: Site = { known, node: shape.call, name, given }
  return known.framework.id === 'socket' ? socketSite(evaluator, module, site) : site
}

/** `super().__init__(address, Handler)` in a class of the folder that is a server by its base. */
function inherited(evaluator: Evaluator, module: Module, vocabulary: Vocabulary): readonly Site[] {
  const pattern = classPattern(vocabulary)
  if (pattern === undefined || module.file.content.search(pattern) < 0) return []
  return module.occurrences('__init__').flatMap((name) => {
    const shape = name.parent?.kind === 'attribute' ? callShape(name) : undefined
    const method = shape === undefined ? undefined : functionAround(shape.call)
    const owner = method === undefined ? undefined : classOf(method)
    if (shape === undefined || method === undefined || owner === undefined || handsOnAll(method)) return []
    const object = name.parent?.field('object')
    const isSuper = object?.kind === 'call' && object.field('function')?.content === 'super'
    const known = basesOf(evaluator, owner)
      .map((base) => (base.kind === 'external' ? knownCall(base.name) : undefined))
      .find((one) => one !== undefined)
    if (known === undefined || (!isSuper && !vocabulary.classes.has(object?.content.split('.').at(-1) ?? ''))) return []
    // `Base.__init__(self, …)` is given the instance first.
    const given = isSuper ? shape.given : { ...shape.given, positional: shape.given.positional.slice(1) }
    return [{ known, node: shape.call, name, given }]
  })
}

/** Whether a constructor takes any arguments and hands them on to its base. */
function handsOnAll(method: Node): boolean {
  return parametersOf(method).some((parameter) => parameter.kind === 'list')
}

function meaningOf(evaluator: Evaluator, thing: Thing): KnownCall | undefined {
  if (thing.kind === 'external') return knownCall(normal(thing.name))
  if (thing.kind !== 'class') return undefined
  // A class of the folder binds as its base does, unless it takes arguments of its own.
  const own =
    evaluator
      .moduleOf(thing.node)
      ?.definitions('__init__')
      .some((definition) => definition.scope === thing.node && !handsOnAll(definition.node)) === true
  return own
    ? undefined
    : basesOf(evaluator, thing.node)
        .map((base) => (base.kind === 'external' ? knownCall(base.name) : undefined))
        .find((one) => one !== undefined)
}

/** `Flask().run` for a class method or a second call in between: `app.queue().launch`. */
function normal(name: string): string {
  return name === 'socket.socket.bind' ? 'socket.socket().bind' : name.replace(/\.(?:instance|current)\(\)/, '()')
}

/** A method of an object that cannot be told: by what the file imports and how it is called. */
function guessed(
  evaluator: Evaluator,
  module: Module,
  callee: Node,
  given: CallArguments,
  options: readonly Thing[],
): KnownCall | undefined {
  if (callee.kind !== 'attribute' || options.every((option) => option.kind !== 'value' && !isUntold(option))) return undefined
  const method = callee.field('attribute')?.content ?? ''
  const object = callee.field('object')?.content ?? ''
  const matching = guessesOf(method).filter(({ call }) => {
    if (call.guess === undefined || !importsAny(evaluator, module, call.guess.imports)) return false
    switch (call.guess.given) {
      case 'host':
        return given.keywords.has('host') || given.positional.length >= 3
      case 'named':
        return (
          given.keywords.has('host') ||
          (given.keywords.has('port') && !given.keywords.has('transport')) ||
          /(?:^|\.)(?:app|application|server|webapp|api)$/.test(object)
        )
      case 'pair':
        return given.positional[0]?.node.kind === 'tuple'
      case 'server':
        return /(?:app|application|server|http|httpd)$/i.test(object)
      case 'address':
        return /^tcp:/.test(literalText(given.positional[0]?.node) ?? '')
      case undefined:
        return true
      default:
        return call.guess.given satisfies never
    }
  })
  return matching[0]
}

/** What a parameter or a name from outside the folder is cannot be told, as against what is known to be something else. */
function isUntold(thing: Thing): boolean {
  return (
    thing.kind === 'external' &&
    !/^(?:builtins|asyncio|subprocess|os|sys|threading|multiprocessing|unittest|trio|anyio)\b/.test(thing.name) &&
    !knownOther(thing.name)
  )
}

/** A library that has methods of the same names for something else. */
function knownOther(name: string): boolean {
  return /^(?:pika|kombu|celery|sqlalchemy|ldap3?|playwright|selenium|pyppeteer|invoke|fabric|nox|tox|docker|torch|tensorflow|transformers|langchain|crewai|pydantic_ai|agents|telegram|discord|aiogram|pyrogram|telebot|schedule|luigi|prefect|dagster|pytest|click|typer|argparse|loguru|logging|tkinter|PyQt\d|PySide\d)\b/.test(
    name,
  )
}

/** Whether the file, or one of the folder that it imports directly, imports the package. */
function importsAny(evaluator: Evaluator, module: Module, packages: RegExp): boolean {
  const { project } = evaluator
  return [module.path, ...project.importedBy(module.path)].some((path) => [...project.packagesOf(path)].some((name) => packages.test(name)))
}

/** Calls that seem to bind in code that the parser does not understand, or too deep in it to be followed. */
export function brokenSites(module: Module, vocabulary: Vocabulary): readonly FileOrigin[] {
  if (vocabulary.names.size === 0) return []
  return [...module.file.content.matchAll(new RegExp(`(?<!\\bdef )\\b(?:${[...vocabulary.names].join('|')})\\s*\\(`, 'g'))].flatMap(
    (match) => {
      const node = nodeAt(module.root, match.index)
      const isCode = node === undefined || (node.kind !== 'comment' && node.kind !== 'string_content')
      const broken = node === undefined || (isCode && around(node, CALL_OR_ERROR)?.kind === 'ERROR')
      return broken ? [module.file.origin(match.index, match.index + match[0].length)] : []
    },
  )
}

const CALL_OR_ERROR: ReadonlySet<string> = new Set(['call', 'ERROR', 'function_definition', 'decorator'])

/** TCP or UDP, IPv4 or IPv6: by what made the socket. One of TCP that never listens is a client's. */
function socketSite(evaluator: Evaluator, module: Module, site: Site): Site | undefined {
  if (site.name.content === 'create_server') {
    const family = site.given.keywords.get('family')?.node.content ?? ''
    return { ...site, socket: { protocol: 'tcp', ipv6: family.endsWith('AF_INET6') } }
  }
  const object = site.name.parent?.field('object')
  const thing = object === undefined ? undefined : evaluator.ask({ node: object, frame: undefined })
  const made = thing?.kind === 'external' ? thing.call : undefined
  const text = made === undefined ? module.file.content : (argumentsText(made.node) ?? '')
  if (/AF_UNIX|AF_PACKET|AF_NETLINK|AF_BLUETOOTH|AF_CAN|AF_VSOCK/.test(text) && (made !== undefined || !/AF_INET/.test(text)))
    return undefined
  const udp = /SOCK_DGRAM/.test(text) && (made !== undefined || !/SOCK_STREAM/.test(text))
  if (/SOCK_RAW/.test(text) && made !== undefined) return undefined
  if (!udp && !LISTENS.test(module.file.content)) return undefined
  return {
    ...site,
    socket: { protocol: udp ? 'udp' : 'tcp', ipv6: /AF_INET6/.test(text) && (made !== undefined || !/AF_INET\b/.test(text)) },
  }
}

/** A socket listens itself, or is handed to a server that does: `serve(sockets=[sock])`. */
const LISTENS = /\.listen\s*\(|[(,]\s*sock(?:ets)?\s{0,9}=(?!=)|[(,]\s*fd\s{0,9}=[^,()\n]{1,80}\.fileno\b/

function argumentsText(call: Node): string | undefined {
  return call.field('arguments')?.content
}
