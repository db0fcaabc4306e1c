import {
  type FileOrigin,
  type PassAction,
  type PassScheme,
  type ProxyTarget,
  type SetHeader,
  show,
  type Value,
} from '../../evidence/index.ts'
import type { CaddyGaps } from './gaps.ts'
import { type Directive, originOf, wordOrigin } from './parse.ts'
import type { Token } from './tokens.ts'
import { portNumber } from '../proxy-values.ts'
import { hasEnvironment, hasPlaceholder, masked, toValue } from './values.ts'

/** More ports of one range are told as one target that is not known. */
const MOST_OF_A_RANGE = 16

/** Lines of `reverse_proxy` that do not say where requests go (modules/caddyhttp/reverseproxy/caddyfile.go). */
const NEUTRAL: ReadonlySet<string> = new Set(
  `to dynamic transport header_up header_down lb_policy lb_retries lb_try_duration lb_try_interval lb_retry_match health_uri health_path health_port
  health_upstream health_interval health_passes health_fails health_timeout health_status health_body health_headers health_method
  health_request_body health_follow_redirects fail_duration max_fails unhealthy_status unhealthy_latency unhealthy_request_count flush_interval
  buffer_requests buffer_responses max_buffer_size request_buffers response_buffers stream_timeout stream_close_delay trusted_proxies verbose_logs
  method rewrite handle_response replace_status copy_headers uri copy_response copy_response_headers
  root split index try_files env resolve_root_symlink dial_timeout read_timeout write_timeout capture_stderr`.split(/\s+/),
)

/** What `reverse_proxy`, and `php_fastcgi`, send requests on to. */
export function passAction(directive: Directive, words: readonly Token[], gaps: CaddyGaps, fastcgi = false): PassAction {
  const lines = directive.block ?? []
  for (const line of lines) {
    if (!NEUTRAL.has(line.name) && !line.name.startsWith('@'))
      gaps.at(line, `"${line.name.slice(0, 80)}" of ${directive.name} is not understood`)
  }
  const tls = lines.some(
    (line) => line.name === 'transport' && (line.block ?? []).some(({ name }) => name === 'tls' || name.startsWith('tls_')),
  )
  const usesFastcgi = fastcgi || lines.some((line) => line.name === 'transport' && line.words[0]?.text === 'fastcgi')
  const named = [
    ...words.map((word) => ({ word, line: directive })),
    ...lines.flatMap((line) => (line.name === 'to' ? line.words.map((word) => ({ word, line })) : [])),
  ]
  const found = named.map(({ word, line }) => upstreamsOf(word.text, wordOrigin(line, word), tls ? 443 : 80))
  const dynamic = lines.filter((line) => line.name === 'dynamic').map(dynamicTarget)
  const targets = [...found.flatMap((each) => each.targets), ...dynamic]
  const scheme: PassScheme = usesFastcgi ? 'fastcgi' : tls || found.some((each) => each.tls) ? 'https' : 'http'
  const nowhere: ProxyTarget = {
    kind: 'unknown',
    reason: 'no back end is named',
    clientChosen: false,
    elsewhere: true,
    origin: originOf(directive),
  }
  return { kind: 'pass', scheme, targets: targets.length > 0 ? targets : [nowhere], origin: originOf(directive) }
}

/** `[scheme://]host[:port]`, `:3000`, `unix//path`, `host:3000-3005` (modules/caddyhttp/reverseproxy/addresses.go). */
export function upstreamsOf(
  text: string,
  origin: FileOrigin,
  usual: number,
): { readonly targets: readonly ProxyTarget[]; readonly tls: boolean } {
  const flags = { backup: false, down: false, origin }
  const unix = /^(?:[a-z0-9+]+:\/\/)?unix\+?(?:h2c)?\/(.*)$/.exec(text)?.[1]
  if (unix !== undefined) return { targets: [{ kind: 'unix', path: unix, ...flags }], tls: false }
  const [, scheme] = /^([a-z][a-z0-9+]*):\/\//i.exec(text) ?? []
  const tls = scheme?.toLowerCase() === 'https' || scheme?.toLowerCase() === 'wss'
  const rest = (scheme === undefined ? text : text.slice(scheme.length + 3)).replace(/\/+$/, '')
  const network = /^(?:tcp|tcp4|tcp6|udp)\//.exec(rest)?.[0] ?? ''
  const address = rest.slice(network.length)
  const parts = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(masked(address))
  if (hasPlaceholder(address) || parts === null) return { targets: [placeholderTarget(address, origin)], tls }
  const host = address.slice(0, parts[1]?.length)
  const port = parts[2] === undefined || parts[2] === '' ? undefined : address.slice(address.length - parts[2].length)
  const name: Value = host === '' ? { kind: 'known', value: 'localhost', origin } : toValue(host.replace(/^\[(.*)\]$/, '$1'), origin)
  return {
    targets: portsOf(port, tls ? 443 : usual, origin).map((each): ProxyTarget => ({ kind: 'inet', host: name, port: each, ...flags })),
    tls,
  }
}

function portsOf(text: string | undefined, usual: number, origin: FileOrigin): readonly Value[] {
  const known = (value: number): Value => ({ kind: 'known', value, origin })
  if (text === undefined) return [known(usual)]
  const [, from = '', to = ''] = /^([0-9]{1,5})-([0-9]{1,5})$/.exec(text) ?? []
  const first = portNumber(from)
  const last = portNumber(to)
  if (first === undefined || last === undefined || last < first || hasEnvironment(text)) return [toValue(text, origin, portNumber)]
  const all = Array.from({ length: Math.min(MOST_OF_A_RANGE, last - first + 1) }, (_, index) => known(first + index))
  return last - first < MOST_OF_A_RANGE ? all : [...all, { kind: 'unknown', reason: 'one of many ports', origin }]
}

/** Placeholders that only the configuration and the machine decide. */
const NOT_THE_CLIENTS = /\{(?:env|system|file|time|http\.vars|vars|http\.reverse_proxy)\.[^{}]*\}/g

/** `{http.request.host}:8080`: who sends the request may decide. */
function placeholderTarget(text: string, origin: FileOrigin): ProxyTarget {
  const clientChosen =
    /\{(?:http\.request|http\.regexp|re\.|host|hostport|labels?|path|query|header|cookie|remote|method|uri|dir|file|vars_regexp)/.test(
      text.replace(NOT_THE_CLIENTS, ''),
    )
  const [, host = '', port = ''] = /^([^:{}]*|\[[^\]]*\]|\{[^{}]*\}[^:{}]*):?([0-9]*)$/.exec(text) ?? []
  const number = portNumber(port)
  const isKnown = host !== '' && !host.includes('{')
  // `{labels.2}.example.com`: no name of this machine.
  const elsewhere = /\}\.[a-z0-9.-]+\.[a-z]{2,}$/i.test(host) ? ({ elsewhere: true } as const) : {}
  return {
    kind: 'unknown',
    reason: `${show(text)} is put in for each request`,
    clientChosen,
    ...(isKnown ? { host } : {}),
    ...(number === undefined ? {} : { port: number }),
    ...elsewhere,
    origin,
  }
}

/** `dynamic a app 8080`, `dynamic srv _http._tcp.example.com`: names that are asked for again and again. */
function dynamicTarget(line: Directive): ProxyTarget {
  const origin = originOf(line)
  const [source, ...words] = line.words.map(({ text }) => text)
  const inner = (name: string): string | undefined => line.block?.find((each) => each.name === name)?.words[0]?.text
  const host = inner('name') ?? words[0]
  const port = inner('port') ?? words[1]
  const number = portNumber(port ?? '')
  if (source === 'a' && host !== undefined && number !== undefined)
    return { kind: 'inet', host: toValue(host, origin), port: { kind: 'known', value: number, origin }, backup: false, down: false, origin }
  return { kind: 'unknown', reason: 'what a resolver or a module answers is the back end', clientChosen: false, origin }
}

/** `header_up` of a proxy. */
export function headersOf(directive: Directive): readonly SetHeader[] {
  return (directive.block ?? []).flatMap((line): readonly SetHeader[] => {
    const [field, value] = line.words
    if (line.name !== 'header_up' || field === undefined) return []
    const origin = originOf(line)
    const name = field.text.replace(/^[+>-]/, '')
    if (field.text.startsWith('-')) return [{ name, value: { kind: 'cleared' }, origin }]
    const isOwn = value !== undefined && /^\{[\w.>-]+\}$/.test(value.text)
    return [{ name, value: isOwn ? { kind: 'text', text: show(value.text) } : { kind: 'fixed' }, origin }]
  })
}
