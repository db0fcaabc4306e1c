import { ABSENT, type CommandBind, type FileOrigin, type Value } from '../../evidence/index.ts'
import { endpointDescribed } from './description.ts'
import { type Endpoint, type EndpointForm, hostValue, readEndpoint } from './endpoint.ts'
import { allOf, type Given, lastOf, type Parsed } from './options.ts'
import type { Program } from './row.ts'
import { type State, variable, variables } from './state.ts'
import { cut, fill, isLiteral, type Template } from './template.ts'

/** Addresses of one command that are told apart. */
const MOST_ENDPOINTS = 100

/** A command of a row of the table. */
interface RowCommand extends Pick<Parsed, 'given' | 'positionals'> {
  readonly row: Program
  readonly state: State
  readonly origin: FileOrigin
  /** What decides where it listens and was not read. */
  readonly configuration?: Template | undefined
}

/** Where the program listens. */
export function bindsOf(command: RowCommand): readonly CommandBind[] {
  const { row, given, positionals, state, origin, configuration } = command
  const outer = variables(state)
  const form = formOf(row)
  const usual = given.some((option) => option.role === 'ipv6')
    ? '::1'
    : state.inContainer && row.inContainer !== undefined
      ? row.inContainer.host
      : row.defaultHost
  const bind = (host: Value, port: Value, protocol = row.protocol): CommandBind => ({
    program: row.id,
    protocol,
    host: hostValue(host, form.every, host.kind === 'known' ? host.origin : origin),
    port,
    defaultHost: usual,
    ...(form.every === usual ? {} : { emptyHost: form.every }),
    ...(row.variablesFirst === undefined ? {} : { variablesFirst: row.variablesFirst }),
    ...(row.defaultPort === undefined ? {} : { defaultPort: row.defaultPort }),
  })
  const endpoints = endpointTexts(row, given, positionals)
  const ends: readonly Endpoint[] = endpoints.slice(0, MOST_ENDPOINTS).map((word) => readEndpoint(fill(word.text, word), form, outer))
  const udp = allOf(given, 'udp-endpoints').map((word) => readEndpoint(fill(word.text, word), form, outer))
  const port = portOf(command)
  const network = ends.flatMap((end) => (end.kind === 'network' ? [end] : []))
  const binds = network.map((end) =>
    bind(end.host.kind === 'absent' ? hostOf(command) : end.host, end.port.kind === 'absent' ? port : end.port),
  )
  const others = udp.flatMap((end) => (end.kind === 'network' ? [bind(end.host, end.port, 'udp')] : []))
  const named = given.some((option) => option.role === 'host' || option.role === 'host-or-everywhere' || option.role === 'everywhere')
  const elsewhere = given.some((option) => option.role === 'elsewhere') && !named
  const described = given.some((option) => option.role === 'descriptions')
  const hasOwn = named || given.some((option) => option.role === 'port')
  const alone = (described ? hasOwn : ends.length === 0) && !elsewhere && (row.onlyWhereTold !== true || configuration !== undefined)
  const more = endpoints[MOST_ENDPOINTS]
  const rest = more === undefined ? [] : [bind(unknown('one of many addresses', more.origin), port)]
  const all = [...binds, ...rest, ...(alone ? [bind(hostOf(command), port)] : []), ...others]
  return row.zeroIsOff === true ? all.filter((one) => one.port.kind !== 'known' || Number(one.port.value) !== 0) : all
}

/** Each word that names host and port, or hosts of a list. */
function endpointTexts(row: Program, given: readonly Given[], positionals: readonly Template[]): readonly Template[] {
  const list = [...allOf(given, 'endpoints'), ...allOf(given, 'hosts').slice(-1)].flatMap((word) => pieces(word, /[,\s]+/))
  const words = allOf(given, 'host-words')
    .flatMap((word) => pieces(word, /\s+/))
    .map((word) => cut(word, word.text.replace(/^-/, '')))
  const last = lastOf(given, 'endpoint', 'endpoint-or-default')?.value
  const positional = row.positional === 'endpoint' ? positionals.slice(0, 1) : []
  const described = allOf(given, 'descriptions').flatMap(endpointDescribed)
  return [...list, ...words, ...described, ...(last === undefined ? [] : [last]), ...positional]
}

function pieces(word: Template, separator: RegExp): readonly Template[] {
  return word.text.split(separator).flatMap((text) => (text === '' && word.text !== '' ? [] : [cut(word, text)]))
}

function hostOf(command: RowCommand): Value {
  const { row, given, origin, configuration } = command
  const option = lastOf(given, 'host', 'host-or-everywhere', 'everywhere')
  if (option !== undefined) {
    const text = option.value?.text
    if (option.role === 'everywhere' || text === undefined || (option.role === 'host-or-everywhere' && text === 'true')) {
      return option.role === 'host'
        ? unknown(`${option.name} without a value`, option.template.origin)
        : { kind: 'known', value: '*', origin: option.template.origin }
    }
    if (option.role === 'host-or-everywhere' && text === 'false') return ABSENT
    return option.value === undefined ? ABSENT : fill(option.value.text, option.value)
  }
  if (configuration !== undefined)
    return unknown(
      `${isLiteral(configuration.text) ? configuration.text : 'its configuration file'} decides where ${row.title} listens`,
      configuration.origin,
    )
  if (row.endpointVariable !== undefined) return endpointIn(row.endpointVariable, command).host
  return chain(row.hostVariables ?? [], defaultHost(command), origin, row.emptyHostCounts !== true)
}

/** What is bound when neither an argument nor a variable of its own names the host. */
function defaultHost({ row, given, state, origin }: RowCommand): Value {
  if (row.hostWithPort !== undefined) {
    const { variable: name, host } = row.hostWithPort
    return { ...environment(name, ABSENT, origin), emptyIsUnset: false, whenSet: { kind: 'known', value: host, origin } }
  }
  if (row.hostUnless !== undefined) {
    const { variable: name, options, values, host } = row.hostUnless
    const text = given.findLast((option) => options.includes(option.name))?.value?.text ?? variable(state, name)
    const other: Value = { kind: 'known', value: host, origin }
    if (text !== undefined && isLiteral(text)) return values.includes(text) ? ABSENT : other
    return { ...environment(name, ABSENT, origin), whenSet: { kind: 'choice', options: [ABSENT, other], origin } }
  }
  if (row.decidedBy !== undefined && !(state.inContainer && row.inContainer !== undefined)) {
    return unknown(`${row.decidedBy} decides where ${row.title} listens`, origin)
  }
  return ABSENT
}

function portOf(command: RowCommand): Value {
  const { row, given, positionals, origin, configuration } = command
  const positional = row.positional === 'port' ? positionals[0] : row.positional === 'directory-port' ? positionals[1] : undefined
  const word = lastOf(given, 'port')?.value ?? positional
  if (word !== undefined) return fill(word.text, word)
  if (configuration !== undefined) return unknown(`its configuration file decides where ${row.title} listens`, configuration.origin)
  if (row.endpointVariable !== undefined) return endpointIn(row.endpointVariable, command).port
  return chain(row.portVariables ?? [], ABSENT, origin)
}

/** What a variable names that holds host and port. */
function endpointIn(name: string, { row, state, origin }: RowCommand): { readonly host: Value; readonly port: Value } {
  const end = readEndpoint(environment(name, ABSENT, origin), formOf(row), variables(state))
  return end.kind === 'network' ? end : { host: ABSENT, port: ABSENT }
}

const formOf = ({ form }: Program): EndpointForm => form ?? { bare: 'host', every: '*' }

/** The first variable that is set. */
function chain(names: readonly string[], last: Value, origin: FileOrigin, emptyIsUnset = true): Value {
  return names.reduceRight<Value>((fallback, name) => ({ ...environment(name, fallback, origin), emptyIsUnset }), last)
}

function environment(name: string, fallback: Value, origin: FileOrigin): Extract<Value, { readonly kind: 'environment' }> {
  return { kind: 'environment', name, fallback, emptyIsUnset: true, optional: true, origin }
}

function unknown(reason: string, origin: FileOrigin): Value {
  return { kind: 'unknown', reason, origin }
}
