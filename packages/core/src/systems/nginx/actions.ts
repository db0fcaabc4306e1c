import { ABSENT, type FileOrigin, type PassScheme, type ProxyAction, type ReturnAction, show } from '../../evidence/index.ts'
import { roleOf } from './directives.ts'
import { type Directive, originOf } from './parse.ts'
import type { Scope } from './scope.ts'
import { destination } from './targets.ts'
import { toValue } from './values.ts'
import { placedWord, type Variables } from './variables.ts'
import type { World } from './world.ts'

const PASSES: ReadonlyMap<string, PassScheme> = new Map([
  ['proxy_pass', 'http'],
  ['fastcgi_pass', 'fastcgi'],
  ['uwsgi_pass', 'uwsgi'],
  ['scgi_pass', 'scgi'],
  ['grpc_pass', 'grpc'],
  ['memcached_pass', 'memcached'],
])

/** What a block of `http` itself says of its content; not inherited (but for the files' root). The last of several handlers wins. */
export function ownAction(scope: Scope, world: World, variables: Variables): ProxyAction | undefined {
  const handler = scope.directives.findLast((directive) => PASSES.has(directive.name) || isHandler(directive))
  if (handler === undefined) return undefined
  const origin = originOf(handler)
  const scheme = PASSES.get(handler.name)
  if (scheme !== undefined) return passAction(handler, scheme, world, variables)
  if (roleOf(handler.name) === 'builtin') return { kind: 'builtin', name: handler.name, origin }
  world.gaps.at(handler, `"${handler.name}" answers in a way that is not followed`)
  return { kind: 'unknown', reason: `${handler.name} decides`, origin }
}

function isHandler(directive: Directive): boolean {
  const role = roleOf(directive.name)
  return (role === 'action' || role === 'builtin') && directive.words[0]?.text !== 'off'
}

export function passAction(directive: Directive, scheme: PassScheme, world: World, variables: Variables): ProxyAction {
  const { targets, path, upstream, scheme: found } = destination(directive, scheme, variables, world.upstreams)
  const written = directive.words[0]?.text ?? ''
  if (directive.name === 'proxy_pass' && scheme === 'http' && !/^https?:\/\//i.test(written) && !written.includes('$')) {
    world.gaps.at(directive, 'proxy_pass needs http:// or https:// in front')
  }
  return {
    kind: 'pass',
    scheme: found,
    ...(upstream === undefined ? {} : { upstream }),
    targets,
    ...(path === undefined ? {} : { path }),
    origin: originOf(directive),
  }
}

/** Without a handler nginx serves files: from `root`, or its own `html` folder. */
export function filesAction(scope: Scope, block: FileOrigin): ProxyAction {
  const root = scope.nearest('root', 'alias').at(-1)
  const path = root?.words[0]
  const value = root === undefined || path === undefined ? ABSENT : toValue(placedWord(root, path.text))
  return { kind: 'files', root: value, listing: scope.isOn('autoindex'), origin: root === undefined ? block : originOf(root) }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** `return 403;`, `return 301 URL;`, `return URL;` (302). What a body says is not kept. */
export function returnAction(directive: Directive): ReturnAction {
  const [first, second] = directive.words.map((word) => word.text)
  const origin = originOf(directive)
  const status = /^[0-9]{1,3}$/.test(first ?? '') ? Number(first) : undefined
  if (status === undefined) return { kind: 'return', status: 302, location: show(first ?? ''), origin }
  return { kind: 'return', status, ...(REDIRECTS.has(status) && second !== undefined ? { location: show(second) } : {}), origin }
}
