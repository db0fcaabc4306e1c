import type { Bind, FileOrigin, Value } from '../../evidence/index.ts'
import type { FoundBind } from './binds.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import { runsOf } from './entries.ts'
import type { Evaluator } from './evaluator.ts'
import { isKnownPackage } from './frameworks.ts'
import type { Module } from './module.ts'
import { type Node, nodeAt } from '../tree.ts'
import { literalText } from './syntax.ts'
import { inTestFunction, isTestCode } from './test-code.ts'
import type { Thing } from './thing.ts'
import { EVERY_ADDRESS, HOST_NAME, mayStartServer, PORT_NAME, QUOTED_EVERY_ADDRESS, untoldHost } from '../untold.ts'

/** Packages that start no server: the standard library's servers have rows, the others hold settings, write, test or connect. */
const QUIET = new RegExp(
  `^(?:${[
    'builtins|os|sys|logging|argparse|types|collections|dataclasses|typing|json|subprocess|http|urllib|socket|ssl|smtplib|ftplib|xmlrpc|ipaddress',
    'string|re|functools|itertools|asyncio|threading|multiprocessing|concurrent|unittest|configparser|pathlib|enum|time|datetime|copy|pprint|shlex',
    'pydantic|pydantic_settings|attrs?|omegaconf|hydra|dynaconf|decouple|environs?|easydict|box|munch|marshmallow|yaml|tomli_w|toml|ruamel|traitlets',
    'click|typer|fire|loguru|structlog|rich|voluptuous|schema|cerberus|msgspec|pytest|mock|factory|faker|sqlalchemy|redis|aioredis|pymysql|psycopg2?',
    'asyncpg|pymongo|motor|kafka|aiokafka|pika|kombu|celery|requests|httpx|elasticsearch|cassandra|clickhouse_\\w+|mysql|mysqlclient|MySQLdb|paramiko',
    'ldap3?|influxdb\\w*|minio|boto3|docker|kubernetes|scapy|nmap|consul|etcd3|fabric|invoke|torch|tensorflow|peewee|tortoise|django',
  ].join('|')})(?:\\.|$)`,
)

/** Calls into packages without a row that are told every address beside a port: something listens there, nobody knows how. */
export function untoldServers(evaluator: Evaluator, module: Module): readonly FoundBind[] {
  const { file, root } = module
  if (isTestCode(file)) return []
  const calls = new Map<Node, FoundBind>()
  for (const match of file.content.matchAll(QUOTED_EVERY_ADDRESS)) {
    const literal = stringAt(nodeAt(root, match.index + 1))
    const told = literal === undefined ? undefined : toldBy(literal)
    if (told === undefined || calls.has(told.call)) continue
    const found = bindOf(evaluator, told)
    if (found !== undefined) calls.set(told.call, found)
  }
  return [...calls.values()]
}

function stringAt(node: Node | undefined): Node | undefined {
  for (let at = node, up = 0; at !== undefined && up < 3; at = at.parent, up++) if (at.kind === 'string') return at
  return undefined
}

interface Told {
  readonly call: Node
  readonly given: CallArguments
  /** The number beside the host; `undefined`: it is in the text of an endpoint. */
  readonly port: Node | undefined
  readonly literal: Node
  /** Whether names say that it is a host beside a port. */
  readonly isNamed: boolean
}

/** The call that a text is given to, with what says the port. */
function toldBy(literal: Node): Told | undefined {
  const endpoint = EVERY_ADDRESS.exec(literalText(literal) ?? '')
  if (endpoint === null) return undefined
  const parent = literal.parent
  if (parent === undefined) return undefined
  const pair = parent.kind === 'pair' && parent.field('value') === literal ? parent : undefined
  const group = pair?.parent?.kind === 'dictionary' ? pair.parent : parent.kind === 'tuple' ? parent : literal
  const keyword = group.parent?.kind === 'keyword_argument' ? group.parent : undefined
  // A mapping that is handed over as it is may be written to a file as well.
  if (group.kind === 'dictionary' && keyword === undefined) return undefined
  const call = (keyword ?? group).parent?.parent
  if (call?.kind !== 'call' || (keyword ?? group).parent?.kind !== 'argument_list') return undefined
  const given = argumentsOf(call, undefined)
  const told = { call, given, literal }
  if (group.kind === 'dictionary') {
    const name = literalText(pair?.field('key'))
    const port = group.named.find((one) => one.kind === 'pair' && PORT_NAME.test(literalText(one.field('key')) ?? ''))?.field('value')
    return name !== undefined && HOST_NAME.test(name) && port !== undefined ? { ...told, port, isNamed: true } : undefined
  }
  if (group.kind === 'tuple') {
    const [first, second] = group.named
    return first === literal && second !== undefined && group.named.length === 2 ? { ...told, port: second, isNamed: false } : undefined
  }
  if (endpoint[1] !== undefined) return { ...told, port: undefined, isNamed: false }
  if (keyword === undefined) {
    const index = given.positional.findIndex((one) => one.node === literal)
    const port = given.positional[index + 1]?.node
    return port?.kind === 'integer' || PORT_NAME.test(port?.content ?? '') ? { ...told, port, isNamed: false } : undefined
  }
  const port = [...given.keywords].find(([name]) => PORT_NAME.test(name))?.[1].node
  const isHost = HOST_NAME.test(keyword.field('name')?.content ?? '')
  return isHost && port !== undefined ? { ...told, port, isNamed: true } : undefined
}

function bindOf(evaluator: Evaluator, { call, port, literal, isNamed }: Told): FoundBind | undefined {
  const callee = call.field('function')
  if (callee === undefined || inTestFunction(call)) return undefined
  const thing = evaluator.ask({ node: callee, frame: undefined })
  const options: readonly Thing[] = thing.kind === 'several' ? thing.options : [thing]
  const name = options.flatMap((option) => (option.kind === 'external' ? [option.name] : []))[0]
  if (name === undefined || QUIET.test(name) || isKnownPackage(name)) return undefined
  const last = name.slice(name.lastIndexOf('.') + 1).replaceAll('()', '')
  if (!mayStartServer(last, isNamed)) return undefined
  const { origin } = callee
  const written = EVERY_ADDRESS.exec(literalText(literal) ?? '')?.[1]
  const given: Value =
    port === undefined
      ? { kind: 'known', value: Number(written), origin: literal.origin }
      : evaluator.value({ node: port, frame: undefined })
  return { claim: untold(evaluator, call, name, given, origin), origin }
}

function untold(evaluator: Evaluator, call: Node, name: string, port: Value, origin: FileOrigin): Bind {
  const title = name.replaceAll('()', '')
  return {
    claim: 'bind',
    framework: title.split('.', 1)[0] ?? title,
    language: 'python',
    protocol: 'tcp',
    host: untoldHost(title, origin),
    port,
    defaultHost: '*',
    test: false,
    ...runsOf(evaluator, call, false),
  }
}
