import { ABSENT, type FileOrigin, type Setting, type Value } from '../../evidence/index.ts'
import { fill, isLiteral, type Template, templateOf } from './template.ts'

/** How a program reads one word that names where it listens. */
export interface EndpointForm {
  /** What a word without a colon is; `either`: a port where it is all digits; `path`: a Unix socket. */
  readonly bare: 'host' | 'port' | 'either' | 'path'
  /** What an empty host (`:8000`) binds. */
  readonly every: '0.0.0.0' | '*'
}

/** `elsewhere`: a Unix socket, an inherited descriptor: no port of the network. */
export type Endpoint = { readonly kind: 'network'; readonly host: Value; readonly port: Value } | { readonly kind: 'elsewhere' }

const ELSEWHERE = /^(?:unix|fd|pipe|systemd|ipc|stdio)[:@]|^[/.]/
const SCHEME = /^[a-z][a-z0-9]{0,8}:\/\//
const DEPTH = 16

/**
 * Cuts `host:port`, `:port`, `[::1]:port`, `tcp://host:port` and their like. A variable whose fallback is one (`${BIND:-0.0.0.0:8000}`) gives
 * host and port that are that variable's; when it is set to something else, that text is no address and so stays unknown.
 */
export function readEndpoint(value: Value, form: EndpointForm, environment: ReadonlyMap<string, Setting>, depth: number = DEPTH): Endpoint {
  if (value.kind === 'absent') return { kind: 'network', host: ABSENT, port: ABSENT }
  if (depth === 0 || value.kind === 'unknown') return { kind: 'network', host: value, port: value }
  if (value.kind === 'environment' && environment.has(value.name)) {
    return readEndpoint(environment.get(value.name)?.value ?? ABSENT, form, environment, depth - 1)
  }
  if (value.kind === 'environment' || value.kind === 'argument') {
    const fallback = readEndpoint(value.fallback, form, environment, depth - 1)
    if (fallback.kind === 'elsewhere')
      return { kind: 'network', host: { ...value, fallback: ABSENT }, port: { ...value, fallback: ABSENT } }
    return { kind: 'network', host: { ...value, fallback: fallback.host }, port: { ...value, fallback: fallback.port } }
  }
  if (value.kind === 'choice') {
    const network = value.options
      .map((option) => readEndpoint(option, form, environment, depth - 1))
      .filter((end) => end.kind === 'network')
    if (network.length === 0) return { kind: 'elsewhere' }
    return {
      kind: 'network',
      host: { ...value, options: network.map((end) => end.host) },
      port: { ...value, options: network.map((end) => end.port) },
    }
  }
  const template = templateOf(value)
  return template === undefined ? { kind: 'network', host: ABSENT, port: ABSENT } : readText(template, form)
}

function readText(template: Template, form: EndpointForm): Endpoint {
  if (ELSEWHERE.test(template.text) || (form.bare === 'path' && isLiteral(template.text) && !template.text.includes(':')))
    return { kind: 'elsewhere' }
  const text = template.text.replace(SCHEME, '').replace(/[/?#].*$/s, '')
  const { host, port } = halves(text, form.bare)
  return {
    kind: 'network',
    host: host === undefined ? ABSENT : hostValue(fill(host, template), form.every, template.origin),
    port: port === undefined || port === '' ? ABSENT : fill(port, template),
  }
}

function halves(text: string, bare: EndpointForm['bare']): { readonly host: string | undefined; readonly port: string | undefined } {
  if (text.startsWith('[')) {
    const close = text.indexOf(']')
    if (close > 0) return { host: text.slice(1, close), port: text[close + 1] === ':' ? text.slice(close + 2) : undefined }
  }
  const colon = text.lastIndexOf(':')
  if (colon >= 0 && text.indexOf(':') === colon) return { host: text.slice(0, colon), port: text.slice(colon + 1) }
  // More than one colon without brackets is an IPv6 address; every program that takes a port wants brackets for it.
  if (colon >= 0) return { host: text, port: undefined }
  const isPort = bare === 'port' || (bare === 'either' && isLiteral(text) && /^\d+$/.test(text))
  return isPort ? { host: undefined, port: text } : { host: text, port: undefined }
}

/** Spellings that getaddrinfo(3) and inet_aton(3) take for every address, and brackets, made plain. Other values stay. */
export function hostValue(value: Value, every: EndpointForm['every'], origin: FileOrigin): Value {
  if (value.kind !== 'known') return value
  const text = String(value.value).trim()
  if (text === '') return { kind: 'known', value: every, origin }
  if (text === '0') return { kind: 'known', value: '0.0.0.0', origin }
  const bracketed = /^\[(.*)\]$/.exec(text)?.[1]
  return bracketed === undefined ? value : { kind: 'known', value: bracketed, origin }
}
