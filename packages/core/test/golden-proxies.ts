import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  evidenceOf,
  type Handling,
  type ListenAddress,
  type ProxyAction,
  type ProxyGuard,
  type ProxyRoute,
  type ProxyServer,
  type RedirectTarget,
  type ServerName,
  type Value,
} from '../src/evidence/index.ts'
import { type AddressRange, formatAddress } from '../src/network/index.ts'
import type { Reading } from '../src/systems/system.ts'

/** Golden cases of what a reader of a proxy reads: one file each, a title, `--- path` before each input file, `--- expect` before what is read. SALLYPORT_UPDATE_GOLDEN=1 writes it. */
export function testGoldenProxies(folder: URL, read: (files: ReadonlyMap<string, string>) => Reading): void {
  for (const file of readdirSync(folder).toSorted()) {
    const text = readFileSync(new URL(file, folder), 'utf8')
    test(`${file}: ${(text.split(/^--- (.*)\n/m)[0] ?? '').trim()}`, () => {
      const { inputs, expected } = goldenProxy(text)
      const found = render(read(inputs))
      if (process.env['SALLYPORT_UPDATE_GOLDEN'] === '1')
        writeFileSync(new URL(file, folder), `${text.split(/^--- expect\n/m)[0]}--- expect\n${found}`)
      else expect(found).toBe(expected)
    })
  }
}

/** The files of a golden case, and what is expected of them. */
export function goldenProxy(text: string): { readonly inputs: ReadonlyMap<string, string>; readonly expected: string } {
  const [, ...parts] = text.split(/^--- (.*)\n/m)
  const inputs = new Map<string, string>()
  let expected = ''
  for (let index = 0; index < parts.length; index += 2) {
    if (parts[index] === 'expect') expected = parts[index + 1] ?? ''
    else inputs.set(parts[index] ?? '', parts[index + 1] ?? '')
  }
  return { inputs, expected }
}

function render({ evidence, needs, globs }: Reading): string {
  const lines = evidenceOf(evidence, 'proxy').flatMap(({ claim }) => ['proxy', ...claim.servers.flatMap(server).map(indent)])
  const gaps = evidenceOf(evidence, 'gap').map(({ claim, origin }) => {
    const place = origin.kind === 'file' ? `${origin.path}:${origin.span.start.line}:${origin.span.start.column}` : ''
    return `gap ${claim.code} (${claim.affects.kind}) ${place}: ${claim.what}`
  })
  return [...lines, ...gaps, ...needs.map((path) => `needs ${path}`), ...globs.map((path) => `glob ${path}`), ''].join('\n')
}

const indent = (line: string): string => `  ${line}`

function server(one: ProxyServer): readonly string[] {
  const client = one.clientAddress
  return [
    `${one.layer} server ${one.origin.path}:${one.origin.span.start.line}${one.incomplete === undefined ? '' : ` incomplete: ${one.incomplete}`}`,
    ...[
      ...one.listeners.map((listener) => {
        const flags = (['tls', 'http2', 'proxyProtocol', 'defaultServer', 'reuseport', 'implicit'] as const).filter(
          (flag) => listener[flag],
        )
        return ['listen', listener.protocol, address(listener.at), ...flags, ...(listener.ipv6only ? [] : ['dual'])].join(' ')
      }),
      ...one.names.map((each) => `name ${name(each)}`),
      ...(client.from === 'header' ? [`client address from ${client.header} where trusted: ${client.trusted.map(range).join(' ')}`] : []),
      ...one.guards.map((each) => `guard ${guard(each)}`),
      ...steps('first', one.first),
      ...one.routes.flatMap(route),
      ...handling('rest', one.rest),
    ].map(indent),
  ]
}

function address(at: ListenAddress): string {
  if (at.kind === 'unix') return at.path
  if (at.kind === 'undecided') return `${value(at.address)} : ${value(at.port)}`
  const ports = at.ports.first === at.ports.last ? `${at.ports.first}` : `${at.ports.first}-${at.ports.last}`
  return at.kind === 'name' ? `name ${at.name} ${ports}` : `${formatAddress(at.address)} ${ports}`
}

function value(one: Value): string {
  if (one.kind === 'known') return String(one.value)
  if (one.kind === 'environment') return `\${${one.name}}`
  if (one.kind === 'joined') return one.parts.map(value).join('+')
  return one.kind === 'unknown' ? `unknown (${one.reason})` : one.kind
}

function name(one: ServerName): string {
  switch (one.kind) {
    case 'exact':
      return `= "${one.name}"`
    case 'wildcard-start':
      return `*.${one.suffix}${one.andItself ? ' and itself' : ''}`
    case 'wildcard-end':
      return `${one.prefix}.*`
    case 'regex':
      return `~ ${one.pattern}${one.caseSensitive ? '' : ' (any case)'}`
    case 'undecided':
      return value(one.value)
    default:
      return one.kind
  }
}

function route(one: ProxyRoute): readonly string[] {
  const { match } = one
  const path =
    match.kind === 'regex' ? match.pattern : match.kind === 'named' ? match.name : match.kind === 'undecided' ? match.text : match.path
  const title = `${match.kind} ${path}${match.kind === 'regex' && !match.caseSensitive ? ' (any case)' : ''} (line ${one.origin.span.start.line})`
  return [...handling(title, one), ...one.nested.flatMap(route).map(indent)]
}

function handling(title: string, one: Handling): readonly string[] {
  return [
    `${title} -> ${action(one.action)}`,
    ...[
      ...steps('early', one.early),
      ...one.guards.map((each) => `guard ${guard(each)}`),
      ...(one.satisfy === 'any' ? ['satisfy any'] : []),
      ...one.redirects.map((each) => `${each.cause} ${[...each.statuses, redirect(each.to)].join(' ')}`),
      ...one.headers.map((each) => `header ${each.name}: ${each.value.kind === 'text' ? each.value.text : `(${each.value.kind})`}`),
    ].map(indent),
  ]
}

function steps(title: string, all: Handling['early']): readonly string[] {
  return all.map(({ condition, then }) => {
    const what =
      then.kind === 'instead'
        ? action(then.action)
        : then.kind === 'return'
          ? action(then)
          : then.kind === 'reroute'
            ? `reroute ${redirect(then.to)}`
            : then.kind
    return `${title}${condition === undefined ? '' : ` if ${condition}`}: ${what}`
  })
}

function redirect(to: RedirectTarget): string {
  return to.kind === 'named'
    ? to.name
    : to.kind === 'path'
      ? to.path
      : to.kind === 'status'
        ? `=${to.status}`
        : to.kind === 'url'
          ? to.url
          : `unknown (${to.reason})`
}

function action(one: ProxyAction): string {
  switch (one.kind) {
    case 'pass': {
      const targets = one.targets.map((target) => {
        if (target.kind === 'unknown') {
          const certain = `${target.host ?? ''}${target.port === undefined ? '' : `:${target.port}`}`
          const chosen = target.clientChosen ? '; the client chooses' : ''
          return `unknown (${target.reason}${chosen}${certain && `; ${certain}`}${target.elsewhere ? '; elsewhere' : ''})`
        }
        const flags = `${target.backup ? ' backup' : ''}${target.down ? ' down' : ''}`
        return target.kind === 'unix' ? `unix ${target.path}${flags}` : `${value(target.host)} : ${value(target.port)}${flags}`
      })
      return `pass ${one.scheme} ${targets.join(' | ')}${one.upstream === undefined ? '' : ` (${one.upstream})`}${one.path === undefined ? '' : ` path ${one.path}`}`
    }
    case 'return':
      return `return ${one.status}${one.location === undefined ? '' : ` ${one.location}`}`
    case 'files':
      return `files ${value(one.root)}${one.listing ? ' listed' : ''}`
    case 'builtin':
      return `builtin ${one.name}`
    case 'unknown':
      return `unknown (${one.reason})`
    default:
      return one.kind
  }
}

function guard(one: ProxyGuard): string {
  switch (one.guard) {
    case 'addresses':
      return one.rules.map((rule) => `${rule.action} ${range(rule.from)}`).join(', ')
    case 'methods':
      return `methods except ${one.except.join(' ')}: ${one.guards.map(guard).join('; ')}`
    case 'rate-limit':
      return `rate-limit ${one.zone} ${one.rate ?? '?'} burst ${one.burst}`
    case 'connection-limit':
      return `connection-limit ${one.zone} ${one.connections}`
    case 'auth-request':
      return `auth-request ${one.uri}`
    case 'client-certificate':
      return `client-certificate ${one.mode}`
    case 'unknown':
      return `unknown ${one.what}`
    default:
      return one.guard
  }
}

function range(from: AddressRange | string): string {
  return typeof from === 'string' ? from : `${formatAddress(from.first)}-${formatAddress(from.last)}`
}
