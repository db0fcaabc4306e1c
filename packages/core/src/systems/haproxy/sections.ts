import {
  type FileOrigin,
  type Handling,
  type ProxyAction,
  type ProxyListener,
  type ProxyServer,
  type ServerName,
  type ProxyTarget,
  show,
} from '../../evidence/index.ts'
import { ALWAYS, OPAQUE_CONDITION, routed, type Rule } from '../request-rules/index.ts'
import { Acls } from './conditions.ts'
import type { HaproxyGaps } from './gaps.ts'
import { isKnown, QUIET_SECTIONS } from './keywords.ts'
import { bindGuards, bindListeners, listenersOf } from './listen.ts'
import { type Line, originOf, type Section } from './parse.ts'
import { accessRules, headersOf, statisticsRules, withoutIdleRewrites } from './rules.ts'
import { schemeOf, serversOf } from './targets.ts'
import type { Given } from './values.ts'

/** A section with what its defaults say before it. */
interface Proxy extends Section {
  readonly all: readonly Line[]
  readonly mode: string
}

/** Everything of one configuration, which may be in several files. */
export function serversOfSections(sections: readonly Section[], gaps: HaproxyGaps): readonly ProxyServer[] {
  const given = environmentOf(sections)
  const proxies = withDefaults(sections)
  const backends = new Map(proxies.filter(({ kind }) => kind === 'backend' || kind === 'listen').map((proxy) => [proxy.name, proxy]))
  const world: World = { backends, given, gaps, chosen: { left: MOST_CHOSEN } }
  for (const proxy of proxies) check(proxy, gaps)
  return [
    ...proxies.flatMap((proxy) => (proxy.kind === 'backend' ? [] : frontend(proxy, world))),
    ...sections.flatMap((section) => otherSection(section, world)),
  ]
}

interface World {
  readonly backends: ReadonlyMap<string, Proxy>
  readonly given: Given
  readonly gaps: HaproxyGaps
  readonly chosen: { left: number }
}

/** Back ends that are put where requests choose one of all, in the whole of a configuration. */
const MOST_CHOSEN = 5000

/** `setenv` and `presetenv` of `global`. */
function environmentOf(sections: readonly Section[]): Given {
  return new Map(
    sections
      .filter(({ kind }) => kind === 'global')
      .flatMap(({ lines }) =>
        lines.flatMap(({ keyword, words: [name, value] }): readonly [string, string][] =>
          (keyword === 'setenv' || keyword === 'presetenv') && name !== undefined && value !== undefined ? [[name.text, value.text]] : [],
        ),
      ),
  )
}

/** What a section takes from the `defaults` that it names, or from the last ones before it. */
function withDefaults(sections: readonly Section[]): readonly Proxy[] {
  const named = new Map<string, readonly Line[]>()
  let last: readonly Line[] = []
  const found: Proxy[] = []
  const from = ({ head }: Section): readonly Line[] => {
    const texts = head.words.map(({ text }) => text)
    const at = texts.indexOf('from')
    return at < 0 ? last : (named.get(texts[at + 1] ?? '') ?? last)
  }
  for (const section of sections) {
    if (section.kind === 'defaults') {
      // Each begins anew, unless it says `from`.
      const own = section.head.words.some(({ text }) => text === 'from') ? [...from(section), ...section.lines] : section.lines
      last = own
      if (section.name !== '' && section.name !== 'from') named.set(section.name, own)
    } else if (section.kind === 'frontend' || section.kind === 'backend' || section.kind === 'listen') {
      const all = [...from(section), ...section.lines]
      const mode = all.findLast(({ keyword }) => keyword === 'mode')?.words[0]?.text ?? 'tcp'
      found.push({ ...section, all, mode })
    }
  }
  return found
}

function check({ lines }: Proxy, gaps: HaproxyGaps): void {
  for (const line of lines) if (!isKnown(line.keyword)) gaps.at(line, `"${line.keyword.slice(0, 80)}" is not understood`)
}

function frontend(proxy: Proxy, world: World): readonly ProxyServer[] {
  const { lines, all, mode, head } = proxy
  const isOff = all.findLast(({ keyword }) => keyword === 'disabled' || keyword === 'enabled')?.keyword === 'disabled'
  const binds = lines.filter(({ keyword }) => keyword === 'bind')
  const listeners = binds.flatMap((line) => bindListeners(line, world.given, world.gaps))
  if (isOff || (binds.length === 0 && proxy.kind === 'listen')) return []
  const origin = originOf(head)
  const common = { guards: bindGuards(binds), first: [], clientAddress: { from: 'connection' } as const, origin }
  const isHttp = mode === 'http'
  const rules = withoutIdleRewrites([
    ...frontRules(proxy, listeners, world),
    ...(proxy.kind === 'listen' ? backRules(proxy, listeners, world) : []),
  ])
  const nowhere: ProxyAction = isHttp ? { kind: 'return', status: 503, origin } : { kind: 'none', origin }
  const names: readonly ServerName[] = [{ kind: 'catch-all', origin }]
  return routed(rules, names, nowhere).map(({ names: own, routes, rest }) => {
    const isDefault = own.some(({ kind }) => kind === 'catch-all')
    return {
      layer: isHttp ? 'http' : 'stream',
      listeners: listeners.map((listener) => ({ ...listener, defaultServer: isDefault })),
      names: own,
      routes,
      rest,
      ...common,
    }
  })
}

/** What a section that takes connections does before its own servers. */
function frontRules(proxy: Proxy, listeners: readonly ProxyListener[], world: World): readonly Rule[] {
  const { all, mode } = proxy
  const { gaps } = world
  const acls = new Acls(all, gaps)
  const monitor = mode === 'http' ? all.findLast(({ keyword }) => keyword === 'monitor-uri') : undefined
  const answered: readonly Rule[] = monitor === undefined ? [] : [monitorRule(monitor)]
  const chosen = all.filter(({ keyword }) => keyword === 'use_backend').flatMap((line) => choice(line, proxy, acls, listeners, world))
  const usual = all.findLast(({ keyword }) => keyword === 'default_backend')
  const otherwise = usual === undefined ? [] : toBackend(usual.words[0]?.text ?? '', usual, listeners, world)
  const statistics = mode === 'http' && proxy.kind === 'frontend' ? statisticsRules(all, acls, gaps) : []
  const isOpen = all.find((line) => line.keyword === 'option' && line.words[0]?.text === 'http_proxy')
  if (isOpen !== undefined) gaps.at(isOpen, 'requests say themselves where they go')
  return [...answered, ...accessRules(all, acls, mode, gaps), ...statistics, ...chosen, ...otherwise]
}

function monitorRule(line: Line): Rule {
  const origin = originOf(line)
  const path = line.words[0]?.text ?? '/'
  const action: ProxyAction = { kind: 'return', status: 200, origin }
  return { when: { kind: 'paths', any: [{ kind: 'exact', path }] }, words: `monitor-uri ${path}`, origin, does: 'end', action, headers: [] }
}

/** `use_backend NAME if …`; a name that is put together for each request may be that of any back end. */
function choice(line: Line, proxy: Proxy, acls: Acls, listeners: readonly ProxyListener[], world: World): readonly Rule[] {
  const { when, words, before } = acls.of(line)
  const name = before[0] ?? ''
  const parts = { when, words: `use_backend ${name} ${words}`.trim(), origin: originOf(line) }
  if (!name.includes('%[')) return [{ ...parts, does: 'block', rules: toBackend(name, line, listeners, world) }]
  const possible = [...world.backends.values()].filter((backend) => backend.name !== proxy.name && backend.mode === proxy.mode)
  world.chosen.left -= possible.length
  if (world.chosen.left < 0) {
    world.gaps.at(line, `more than ${MOST_CHOSEN} back ends to choose from: not followed`, 'limit')
    return [
      { ...parts, does: 'end', action: { kind: 'unknown', reason: 'the request chooses the back end', origin: parts.origin }, headers: [] },
    ]
  }
  const blocks = possible.map((backend): Rule => {
    const rules = toBackend(backend.name, line, listeners, world)
    return { when: OPAQUE_CONDITION, words: `${parts.words} (${backend.name})`, origin: parts.origin, does: 'block', rules }
  })
  return [{ ...parts, does: 'block', rules: blocks }]
}

function toBackend(name: string, line: Line, listeners: readonly ProxyListener[], world: World): readonly Rule[] {
  const backend = world.backends.get(name)
  if (backend !== undefined) return backRules(backend, listeners, world)
  world.gaps.at(line, `the back end "${name.slice(0, 80)}" is in no file here`)
  const origin = originOf(line)
  const target: ProxyTarget = { kind: 'unknown', reason: `the back end ${show(name)} is in no file here`, clientChosen: false, origin }
  const action: ProxyAction = { kind: 'pass', scheme: 'http', upstream: show(name), targets: [target], origin }
  return [{ when: ALWAYS, words: '', origin, does: 'end', action, headers: [] }]
}

/** What a back end asks, answers itself, and passes on. */
function backRules(backend: Proxy, listeners: readonly ProxyListener[], { given, gaps }: World): readonly Rule[] {
  const { all, lines, mode, head, name } = backend
  const origin = originOf(head)
  const acls = new Acls(all, gaps)
  const own = backend.kind === 'listen' ? [] : accessRules(lines, acls, mode, gaps)
  const statistics = mode === 'http' ? statisticsRules(all, acls, gaps) : []
  const { targets, tls } = serversOf(all, listeners, given, gaps)
  const isTransparent = all.some(({ keyword, words }) => keyword === 'option' && words[0]?.text === 'transparent')
  const open: readonly ProxyTarget[] = isTransparent
    ? [{ kind: 'unknown', reason: 'the destination of the client’s own connection is the server', clientChosen: true, origin }]
    : []
  const fastcgi = all.some(({ keyword }) => keyword === 'use-fcgi-app')
  const everything = [...targets, ...open]
  if (everything.length === 0) return [...own, ...statistics, ...(mode === 'http' ? [unavailable(origin)] : [])]
  const action: ProxyAction = { kind: 'pass', scheme: schemeOf(mode, tls, fastcgi), upstream: name, targets: everything, origin }
  return [...own, ...statistics, { when: ALWAYS, words: '', origin, does: 'end', action, headers: headersOf(lines) }]
}

function unavailable(origin: FileOrigin): Rule {
  return { when: ALWAYS, words: '', origin, does: 'end', action: { kind: 'return', status: 503, origin }, headers: [] }
}

/** Sockets of `global`, `peers`, `log-forward`; what listens and is not followed is told. */
function otherSection(section: Section, world: World): readonly ProxyServer[] {
  const { kind, lines, head } = section
  const { given, gaps } = world
  if (kind === 'global') {
    return lines.flatMap((line) => {
      if (line.keyword !== 'stats' || line.words[0]?.text !== 'socket') return []
      const [, address, ...options] = line.words
      if (address === undefined) return []
      const listeners = listenersOf(
        line,
        address,
        options.map(({ text }) => text),
        given,
        gaps,
      )
      return [bare(listeners, { kind: 'builtin', name: runtimeName(options.map(({ text }) => text)), origin: originOf(line) })]
    })
  }
  if (kind === 'program') gaps.at(head, 'what this program opens is not followed')
  if (kind === 'peers') return peers(section, world)
  if (kind === 'log-forward') {
    const binds = lines.filter(({ keyword }) => keyword === 'bind' || keyword === 'dgram-bind')
    const listeners = binds.flatMap((line) =>
      bindListeners(line, given, gaps).map((listener) =>
        line.keyword === 'dgram-bind' ? ({ ...listener, protocol: 'udp' } as const) : listener,
      ),
    )
    return listeners.length === 0 ? [] : [bare(listeners, { kind: 'builtin', name: 'log-forward', origin: originOf(head) })]
  }
  if (!QUIET_SECTIONS.has(kind) && kind !== 'frontend' && kind !== 'listen' && kind !== 'program')
    gaps.at(head, `a section "${kind}" is not followed`)
  return []
}

/** `level admin` and `operator` change what runs. Without a word it is `operator`. */
function runtimeName(options: readonly string[]): string {
  const at = options.indexOf('level')
  return at >= 0 && options[at + 1] === 'user' ? 'runtime statistics' : 'runtime API'
}

/** The peer that has this machine's own name listens; which that is, the machine says. */
function peers({ lines, head }: Section, { given, gaps }: World): readonly ProxyServer[] {
  const binds = lines.filter(({ keyword }) => keyword === 'bind')
  const listeners = binds.flatMap((line) => bindListeners(line, given, gaps))
  const named = lines.filter(({ keyword, words }) => keyword === 'peer' && words.length > 1)
  if (binds.length === 0 && named.length > 0)
    gaps.at(head, 'which of these peers is this machine, and so where it listens for the others, its host name decides')
  return listeners.length === 0 ? [] : [bare(listeners, { kind: 'builtin', name: 'peers', origin: originOf(head) })]
}

function bare(listeners: readonly ProxyListener[], action: Extract<ProxyAction, { readonly kind: 'builtin' }>): ProxyServer {
  const rest: Handling = { early: [], guards: [], satisfy: 'all', action, redirects: [], headers: [] }
  return {
    layer: 'other',
    listeners,
    names: [],
    routes: [],
    guards: [],
    first: [],
    rest,
    clientAddress: { from: 'connection' },
    origin: action.origin,
  }
}
