import type { Value } from '../../../evidence/index.ts'
import { packageOf } from '../../built.ts'
import { around, type Node, nodeAt } from '../../tree.ts'
import { EVERY_ADDRESS, HOST_NAME, mayStartServer, PORT_NAME, QUOTED_EVERY_ADDRESS, untoldHost } from '../../untold.ts'
import { SERVER_ROWS } from '../frameworks/index.ts'
import type { Module } from '../source/module.ts'
import { argumentsOf, bare, calleeOf, literalText, propertyName, startsAlone } from '../source/syntax.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { type Meaning, optionsOf } from '../values/meaning.ts'
import { claimOf, type Found } from './binds.ts'

/** Packages that start no server, or whose server is told by a file: they hold settings, build, test, write or connect. */
const QUIET = new RegExp(
  `^(?:${[
    'node:|#|@types/|vite|vitest|@vitejs/|webpack$|rollup|@rspack/|next$|nuxt|astro|@angular/|@sveltejs/|svelte|convict|zod|joi|@hapi/joi|yup|ajv',
    'envalid|dotenv|lodash|deepmerge|merge|ramda|@nestjs/config|config$|nconf|rc$|yargs|commander|meow|minimist|winston|pino|debug$|chalk|consola',
    'axios|got$|node-fetch|undici|superagent|request|supertest|pg$|pg-|postgres|mysql|mariadb|redis|ioredis|@redis/|mongodb|mongoose|sequelize|typeorm',
    'knex|@prisma/|drizzle|kafkajs|amqplib|mqtt$|nodemailer|@elastic/|js-yaml|yaml|assert|chai|jest|@jest/|sinon|playwright|puppeteer|@playwright/',
    'cypress|execa|concurrently|tcp-port-used|wait-on|get-port|detect-port|portfinder|@testcontainers/|testcontainers|ip$|ipaddr|react|vue$|@mui/',
  ].join('|')})`,
)

/** The packages of the rows, which tell which of their calls listen. */
const KNOWN: ReadonlySet<string> = new Set(
  SERVER_ROWS.flatMap(({ makers, binds }) => [...makers, ...binds.flatMap((bind) => ('call' in bind ? [bind.call] : []))]).map(packageName),
)

function packageName(name: string): string {
  const hash = name.indexOf('#')
  return hash > 0 ? name.slice(0, hash) : name
}

/** Calls into packages without a row that are told every address beside a port: something listens there, nobody knows how. */
export function untoldServers(module: Module, evaluator: Evaluator): readonly Found[] {
  const { content } = module.file
  const found = new Map<Node, Found>()
  for (const match of content.matchAll(QUOTED_EVERY_ADDRESS)) {
    const start = nodeAt(module.root, match.index + 1)
    const literal = start === undefined || start.kind === 'string' ? start : around(start, STRING)
    const told = literal === undefined ? undefined : toldBy(literal)
    if (told === undefined || found.has(told.call)) continue
    const name = nameOf(told.call, evaluator)
    const last = /[\w$]+$/.exec(calleeOf(told.call)?.content ?? '')?.[0]
    if (name === undefined || last === undefined || !mayStartServer(last, told.isNamed)) continue
    found.set(told.call, bindOf(told, name, module, evaluator))
  }
  return [...found.values()]
}

const STRING: ReadonlySet<string> = new Set(['string'])

interface Told {
  readonly call: Node
  /** What says the port: beside the host, or in its text. */
  readonly port: Node | number
  /** Whether names say that it is a host beside a port. */
  readonly isNamed: boolean
}

/** The call that a text is given to: as it is, in its options, or in options within them. */
function toldBy(literal: Node): Told | undefined {
  const endpoint = EVERY_ADDRESS.exec(literalText(literal) ?? '')
  const { parent } = literal
  if (endpoint === null || parent === undefined) return undefined
  const port = endpoint[1] === undefined ? undefined : Number(endpoint[1])
  if (parent.kind === 'arguments') {
    const call = callOf(parent)
    if (call === undefined) return undefined
    const given = argumentsOf(call)
    const index = given.indexOf(literal)
    const beside = port ?? [given[index - 1], given[index + 1]].find(isPortNode)
    return beside === undefined ? undefined : { call, port: beside, isNamed: false }
  }
  if (parent.kind !== 'pair' || parent.field('value') !== literal) return undefined
  const name = propertyName(parent.field('key')) ?? ''
  const object = parent.parent
  const call = object === undefined ? undefined : (callGiven(object) ?? callGiven(outerObject(object)))
  if (object === undefined || call === undefined) return undefined
  if (port !== undefined) return { call, port, isNamed: /^(?:url|uri|endpoint|https?_?port)$/i.test(name) || HOST_NAME.test(name) }
  const beside = object.named.find((member) => PORT_NAME.test(propertyName(member.field('key') ?? member) ?? ''))
  return HOST_NAME.test(name) && beside !== undefined ? { call, port: beside.field('value') ?? beside, isNamed: true } : undefined
}

function outerObject(object: Node): Node | undefined {
  return object.parent?.kind === 'pair' && object.parent.parent?.kind === 'object' ? object.parent.parent : undefined
}

function callGiven(object: Node | undefined): Node | undefined {
  return object?.kind === 'object' && object.parent?.kind === 'arguments' ? callOf(object.parent) : undefined
}

function callOf(list: Node): Node | undefined {
  const call = list.parent
  return call?.kind === 'call_expression' || call?.kind === 'new_expression' ? call : undefined
}

function isPortNode(node: Node | undefined): node is Node {
  return node !== undefined && (/^\d{2,5}$/.test(node.content) || /^[\w$.]*port$/i.test(node.content))
}

/** What is called, as its package calls it; `undefined`: of no package, or of one that is known. */
function nameOf(call: Node, evaluator: Evaluator): string | undefined {
  const callee = calleeOf(call)
  if (callee === undefined) return undefined
  const target = bare(callee)
  const object = target.kind === 'member_expression' ? target.field('object') : undefined
  const own = evaluator.ask(new Map(), () => evaluator.meaning(target, undefined)).answer
  const of = object === undefined ? undefined : evaluator.ask(new Map(), () => evaluator.meaning(object, undefined)).answer
  const name = [own, of].flatMap((meaning) => (meaning === undefined ? [] : optionsOf(meaning).flatMap(libraryOf)))[0]
  return name === undefined || QUIET.test(name) || KNOWN.has(packageName(name)) ? undefined : packageName(name)
}

function libraryOf(meaning: Meaning): readonly string[] {
  return meaning.kind === 'library' ? [meaning.name] : meaning.kind === 'result' ? [meaning.of] : []
}

function bindOf({ call, port }: Told, name: string, module: Module, evaluator: Evaluator): Found {
  const { project } = evaluator
  const { origin } = call
  const value: Value =
    typeof port === 'number'
      ? { kind: 'known', value: port, origin }
      : evaluator.ask(new Map(), () => evaluator.value(port, undefined)).answer
  const isAlone = startsAlone(call)
  const entries = isAlone ? [module.path] : [...new Set([module.path, ...project.graph.entries(module.path)])]
  const row = { id: name, protocol: 'tcp', defaultHost: '*' } as const
  const claim = claimOf(
    row,
    untoldHost(`${calleeOf(call)?.content.slice(0, 80)} of ${name}`, origin),
    value,
    module.path,
    false,
    entries,
    project,
  )
  return {
    claim: { ...claim, ...(isAlone ? { asProgram: entries } : {}), package: packageOf(module.path, project.snapshot.paths) },
    origin,
  }
}
