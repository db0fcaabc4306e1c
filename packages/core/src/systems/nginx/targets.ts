import { ABSENT, type PassScheme, type ProxyTarget, show, type Shown, type Value } from '../../evidence/index.ts'
import { certainPart } from './captures.ts'
import type { Directive } from './parse.ts'
import type { Scope } from './scope.ts'
import { portNumber } from '../proxy-values.ts'
import { type Placed, toValue, variablesIn } from './values.ts'
import { placedWord, type Variables } from './variables.ts'

/** A group of back ends. */
interface Upstream {
  readonly name: string
  readonly targets: readonly ProxyTarget[]
}

/** The `upstream` blocks of one level, by name in lower case (nginx compares without case). */
export class Upstreams {
  readonly #blocks = new Map<string, Directive>()
  /** Read when first asked for, once: a group may be large and named often. */
  readonly #read = new Map<Directive, Upstream>()

  constructor(level: Scope) {
    for (const block of level.own('upstream')) {
      const name = block.words[0]?.text.toLowerCase()
      if (name !== undefined && !this.#blocks.has(name)) this.#blocks.set(name, block)
    }
  }

  named(name: string): Upstream | undefined {
    const block = this.#blocks.get(name.toLowerCase())
    if (block === undefined) return undefined
    const upstream = this.#read.get(block) ?? { name: block.words[0]?.text ?? '', targets: upstreamTargets(block) }
    this.#read.set(block, upstream)
    return upstream
  }
}

export interface Destination {
  readonly scheme: PassScheme
  readonly upstream: string | undefined
  readonly targets: readonly ProxyTarget[]
  readonly path: Shown | undefined
}

/** The port where none is given (`u.default_port` of each module). 0: it has to be given. */
const DEFAULT_PORTS: Readonly<Partial<Record<PassScheme, number>>> = { http: 80, https: 443 }

/** What `proxy_pass` and its like name: `http://backend/path`, `127.0.0.1:9000`, `unix:/run/app.sock`, `$variable`. */
export function destination(directive: Directive, scheme: PassScheme, variables: Variables, upstreams: Upstreams): Destination {
  const written = placedWord(directive, directive.words[0]?.text ?? '')
  // The path goes to the back end and decides nothing here: variables in it need not be known.
  const { authority, path } = splitUrl(written, scheme)
  const found = variables.expand({ ...written, text: authority }).map((expansion): Destination => {
    if (expansion.kind === 'text') return oneDestination(expansion.placed, scheme, upstreams)
    const { text, ...unknown } = expansion
    const certain = certainPart(text, (written) => DEFAULT_PORTS[WRITTEN_SCHEMES.get(written ?? '') ?? scheme])
    return { scheme, upstream: undefined, targets: [{ ...unknown, ...certain, origin: written.origin }], path: undefined }
  })
  const [first] = found
  const upstream = found.length === 1 ? first?.upstream : undefined
  const targets = found.length === 1 ? (first?.targets ?? []) : distinct(found.flatMap((one) => one.targets))
  return { scheme: first?.scheme ?? scheme, upstream, targets, path: path === undefined ? first?.path : show(path) }
}

/** Values that differ in the scheme or the path only lead to the same place. */
function distinct(targets: readonly ProxyTarget[]): readonly ProxyTarget[] {
  return [...new Map(targets.map((target) => [JSON.stringify(target), target])).values()]
}

const SCHEME = /^([a-z]+|\$\w+|\$\{\w+\}):\/\//i

/** `http://host:port/path` in two at the first `/` (or `?`) behind the scheme, braces of variables kept whole. */
function splitUrl(placed: Placed, scheme: PassScheme): { readonly authority: string; readonly path: string | undefined } {
  const { text } = placed
  if (scheme !== 'http') return { authority: text, path: undefined }
  const start = SCHEME.exec(text)?.[0].length ?? 0
  if (text.startsWith('unix:', start)) {
    const colon = text.indexOf(':', start + 5)
    return colon < 0 ? { authority: text, path: undefined } : { authority: text.slice(0, colon), path: text.slice(colon + 1) }
  }
  const length = text.slice(start).search(/[/?]/)
  const end = length < 0 ? text.length : start + length
  // These begin with a slash, or are empty: they end the authority as a slash does.
  const variable = /\$(?:\{(?:request_uri|uri|document_uri|is_args)\}|(?:request_uri|uri|document_uri|is_args)(?!\w))/.exec(
    text.slice(0, end),
  )
  const cut = variable === null || variable.index === 0 ? end : variable.index
  return { authority: text.slice(0, cut), path: cut === text.length ? undefined : text.slice(cut) }
}

/** The schemes that can be written in front, by the directive's own. */
const WRITTEN_SCHEMES: ReadonlyMap<string, PassScheme> = new Map(
  (['http', 'https', 'grpc', 'grpcs', 'uwsgi', 'suwsgi'] as const).map((scheme) => [scheme, scheme]),
)

function oneDestination(placed: Placed, given: PassScheme, upstreams: Upstreams): Destination {
  const written = SCHEME.exec(placed.text)
  const scheme = WRITTEN_SCHEMES.get(written?.[1]?.toLowerCase() ?? '') ?? given
  const rest = placed.text.slice(written?.[0].length ?? 0)
  // A variable's value brings its own path along.
  const { authority, path } = splitUrl({ ...placed, text: `${scheme}://${rest}` }, given)
  const host = authority.slice(scheme.length + 3)
  const group = upstreams.named(host)
  const common = { scheme, path: path === undefined ? undefined : show(path) }
  if (group !== undefined) return { ...common, upstream: group.name, targets: group.targets }
  return { ...common, upstream: undefined, targets: [target({ ...placed, text: host }, DEFAULT_PORTS[scheme], false, false)] }
}

function upstreamTargets(block: Directive): readonly ProxyTarget[] {
  const servers = (block.block ?? []).flatMap((entry): readonly ProxyTarget[] => {
    const [address, ...options] = entry.words.map((word) => word.text)
    if (entry.name !== 'server' || address === undefined) return []
    return [target(placedWord(entry, address), 80, options.includes('backup'), options.includes('down'))]
  })
  const chooser = (block.block ?? []).find((entry) => entry.name.startsWith('balancer_by_lua'))
  if (chooser === undefined && servers.length > 0) return servers
  const reason = chooser === undefined ? 'the upstream names no server' : 'Lua chooses the back end'
  const nowhere = chooser === undefined ? ({ elsewhere: true } as const) : {}
  return [...servers, { kind: 'unknown', reason, clientChosen: false, ...nowhere, origin: placedWord(chooser ?? block, '').origin }]
}

/** `host`, `host:port`, `[address]:port` or `unix:path`. */
function target(placed: Placed, defaultPort: number | undefined, backup: boolean, down: boolean): ProxyTarget {
  const { text, origin } = placed
  const flags = { backup, down, origin }
  const nowhere = (reason: string): ProxyTarget => ({ kind: 'unknown', reason, clientChosen: false, elsewhere: true, origin })
  if (text === '') return nowhere('no host is named: nginx answers 500')
  if (variablesIn(placed).length > 0) return { kind: 'unknown', reason: 'a variable is a part of the address', clientChosen: true, origin }
  if (text.startsWith('unix:')) return { kind: 'unix', path: text.slice('unix:'.length), ...flags }
  const parts = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(text)
  const host = parts?.[1] ?? ''
  if (host === '') return nowhere('not an address that nginx takes')
  const name = toValue({ ...placed, text: host.replace(/^\[(.*)\]$/, '$1') })
  return { kind: 'inet', host: name, port: portOf(placed, parts?.[2], defaultPort), ...flags }
}

function portOf(placed: Placed, text: string | undefined, defaultPort: number | undefined): Value {
  if (text !== undefined) return toValue({ ...placed, text }, portNumber)
  return defaultPort === undefined ? ABSENT : { kind: 'known', value: defaultPort, origin: placed.origin }
}
