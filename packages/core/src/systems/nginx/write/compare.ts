import { formatAddress } from '../../../network/index.ts'
import type { ProxyGuard, ProxyListener, ProxyRoute, ProxyServer, ServerName } from '../../../evidence/index.ts'
import { evidenceOf } from '../../../evidence/index.ts'
import { differencesOf, type Meaning } from '../../differences.ts'
import type { FileState } from '../../system.ts'
import type { Difference, WrittenFile } from '../../write.ts'
import { snapshotOf } from '../dump.ts'
import { type Directive, Source } from '../parse.ts'
import { readNginx } from '../read.ts'
import { Scope } from '../scope.ts'

/** In what servers take and do with it, whatever their files look like. */
export function compareNginx(wanted: readonly WrittenFile[], there: (path: string) => FileState): readonly Difference[] {
  return wanted.flatMap(({ path, text }): readonly Difference[] => {
    const state = there(path)
    return state.kind === 'text' ? differencesOf(meaningOf(path, text), meaningOf(path, state.text)) : [{ what: path, wanted: 'a file' }]
  })
}

function meaningOf(path: string, text: string): Meaning {
  const meaning = new Map<string, string>()
  // As a file of a folder: on a machine, one that is included by others is none by itself.
  const relative = path.replace(/^\/+/, '')
  const context = { host: '', standing: 'configured', capturedAt: 0 } as const
  const { evidence } = readNginx(snapshotOf([relative], new Map([[relative, text]]), context))
  for (const { claim } of evidenceOf(evidence, 'gap')) meaning.set(`not understood: ${claim.what}`, 'there')
  for (const { claim } of evidenceOf(evidence, 'proxy')) for (const server of claim.servers) addServer(server, meaning)
  addSettings(new Source(relative, text).directives, meaning)
  return meaning
}

function addServer(server: ProxyServer, meaning: Map<string, string>): void {
  const names = server.names.map(nameText).toSorted()
  for (const listener of server.listeners)
    for (const name of names) meaning.set(`listen ${listenerText(listener)} of server ${name}`, optionsText(listener))
  const ports = [...new Set(server.listeners.map(({ at }) => ('ports' in at ? rangeText(at.ports) : '')))].toSorted().join(', ')
  const place = `${names.join(' ')}, port ${ports}`
  for (const step of server.first)
    meaning.set(
      `server ${place}: first, ${step.condition ?? 'always'}`,
      step.then.kind === 'return' ? `answers ${step.then.status}` : step.then.kind,
    )
  for (const route of server.routes) addRoute(route, place, meaning)
}

function addRoute(route: ProxyRoute, place: string, meaning: Map<string, string>): void {
  const where = `location ${matchText(route)} of server ${place}`
  const earlier = route.early.map(
    ({ condition, then }) => `${condition ?? 'always'}: ${then.kind === 'return' ? `${then.status} ${then.location ?? ''}` : then.kind}`,
  )
  meaning.set(where, [...earlier, actionText(route), ...route.guards.map(guardText).toSorted(), ...redirectsText(route)].join('; '))
  if (route.action.kind === 'pass')
    for (const { name, value } of route.headers) meaning.set(`header ${name} to ${where}`, value.kind === 'text' ? value.text : value.kind)
  for (const inner of route.nested) addRoute(inner, place, meaning)
}

function nameText(name: ServerName): string {
  switch (name.kind) {
    case 'exact':
      return name.name === '' ? '(no name)' : name.name
    case 'wildcard-start':
      return `${name.andItself ? '.' : '*.'}${name.suffix}`
    case 'wildcard-end':
      return `${name.prefix}.*`
    case 'regex':
      return `~${name.caseSensitive ? '' : '*'}${name.pattern}`
    case 'catch-all':
      return '(any name)'
    case 'undecided':
      return '(undecided)'
    default:
      return name satisfies never
  }
}

const rangeText = ({ first, last }: { readonly first: number; readonly last: number }): string =>
  first === last ? String(first) : `${first}-${last}`

function listenerText({ at }: ProxyListener): string {
  switch (at.kind) {
    case 'inet':
      return at.address.family === 6
        ? `[${formatAddress(at.address)}]:${rangeText(at.ports)}`
        : `${formatAddress(at.address)}:${rangeText(at.ports)}`
    case 'name':
      return `${at.name}:${rangeText(at.ports)}`
    case 'unix':
      return `unix:${at.path}`
    case 'undecided':
      return '(undecided)'
    default:
      return at satisfies never
  }
}

function optionsText({ tls, http2, proxyProtocol, defaultServer }: ProxyListener): string {
  const options = [tls ? 'TLS' : 'plain', http2 ? 'HTTP/2' : '', proxyProtocol ? 'PROXY protocol' : '', defaultServer ? 'default' : '']
  return options.filter((text) => text !== '').join(', ')
}

function matchText({ match }: ProxyRoute): string {
  if (match.kind === 'exact') return `= ${match.path}`
  if (match.kind === 'regex') return `~${match.caseSensitive ? '' : '*'} ${match.pattern}`
  if (match.kind === 'named') return match.name
  return match.kind === 'undecided' ? '(undecided)' : match.path
}

function actionText({ action }: ProxyRoute): string {
  switch (action.kind) {
    case 'pass': {
      const targets = action.targets.map((target) =>
        target.kind === 'inet'
          ? `${target.host.kind === 'known' ? target.host.value : '?'}:${target.port.kind === 'known' ? target.port.value : '?'}`
          : target.kind === 'unix'
            ? target.path
            : '(undecided)',
      )
      return `passed on by ${action.scheme} to ${targets.toSorted().join(', ')}${action.path === undefined ? '' : ` as ${action.path}`}`
    }
    case 'return':
      return `answers ${action.status}${action.location === undefined ? '' : ` ${action.location}`}`
    case 'files':
      return `files of ${action.root.kind === 'known' ? action.root.value : '(undecided)'}`
    case 'builtin':
      return action.name
    case 'none':
      return 'nothing'
    case 'unknown':
      return action.reason
    default:
      return action satisfies never
  }
}

function guardText(guard: ProxyGuard): string {
  switch (guard.guard) {
    case 'addresses':
      return guard.rules
        .map(
          ({ action, from }) => `${action} ${typeof from === 'string' ? from : `${formatAddress(from.first)}-${formatAddress(from.last)}`}`,
        )
        .join(', ')
    case 'auth-request':
      return `asks ${guard.uri}`
    case 'rate-limit':
      return `at most ${guard.rate ?? '?'}, ${guard.burst} at once`
    case 'connection-limit':
      return `at most ${guard.connections} connections`
    case 'client-certificate':
      return `client certificate ${guard.mode}`
    case 'methods':
      return `but for ${guard.except.join(' ')}: ${guard.guards.map(guardText).join(', ')}`
    case 'tls':
    case 'basic-auth':
    case 'token':
    case 'internal':
      return guard.guard
    case 'unknown':
      return guard.what
    default:
      return guard satisfies never
  }
}

function redirectsText({ redirects }: ProxyRoute): readonly string[] {
  return redirects.map(
    ({ cause, to }) => `${cause} ${'path' in to ? to.path : 'name' in to ? to.name : 'status' in to ? to.status : to.kind}`,
  )
}

/** What hangs on no request: each as it holds for a server, wherever it is said. */
const SETTINGS: readonly string[] = [
  ...['ssl_certificate', 'ssl_certificate_key', 'ssl_protocols', 'ssl_ciphers', 'ssl_prefer_server_ciphers', 'ssl_session_tickets'],
  ...['ssl_reject_handshake', 'server_tokens', 'client_max_body_size', 'client_header_timeout', 'client_body_timeout', 'send_timeout'],
  ...['keepalive_timeout', 'proxy_connect_timeout', 'proxy_read_timeout', 'proxy_send_timeout', 'proxy_hide_header', 'proxy_redirect'],
  ...['add_header', 'limit_req_status', 'absolute_redirect', 'proxy_http_version', 'underscores_in_headers', 'merge_slashes', 'set'],
]
/** Of the level above, what requests are judged by; a row at a time. */
const TABLES: readonly string[] = ['map', 'geo', 'limit_req_zone', 'limit_conn_zone']

function addSettings(directives: readonly Directive[], meaning: Map<string, string>): void {
  const top = new Scope('http', directives)
  for (const directive of top.own(...TABLES)) {
    const head = [directive.name, ...wordsOf(directive)].join(' ')
    // Of two patterns the first that matches decides; where there is none, the order says nothing.
    if (directive.block === undefined) meaning.set(head, 'set')
    else meaning.set(head, directive.block.map((row) => [row.name, ...wordsOf(row)].join(' ')).join('; '))
  }
  for (const directive of top.own('server')) {
    const scope = top.child('server', directive)
    const names = scope.own('server_name').flatMap(wordsOf).toSorted().join(' ')
    const ports = [...new Set(scope.own('listen').map((line) => /\d+$/.exec(line.words[0]?.text ?? '')?.[0] ?? ''))].toSorted().join(', ')
    for (const name of SETTINGS) {
      const said = scope.nearest(name).map((line) => (name === 'set' ? variableText(line) : wordsOf(line).join(' ')))
      if (said.length > 0) meaning.set(`${name} of server ${names}, port ${ports}`, said.toSorted().join('; '))
    }
  }
}

function wordsOf(directive: Directive): readonly string[] {
  return directive.words.map(({ text }) => text)
}

/** What it is set to may be a key. */
function variableText(directive: Directive): string {
  const [name = '', value = ''] = wordsOf(directive)
  return `${name} ${value === '' ? 'to nothing' : 'to something'}`
}
