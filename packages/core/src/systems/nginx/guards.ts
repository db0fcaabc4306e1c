import { type AddressRule, type ProxyGuard, show } from '../../evidence/index.ts'
import { parsePrefix } from '../../network/index.ts'
import type { Gaps } from './gaps.ts'
import { type Directive, option, originOf } from './parse.ts'
import type { Scope } from './scope.ts'
import type { World } from './world.ts'

/** What stands before a location's content: the preaccess and access phases, each with its own inheritance. */
export function guardsOf(scope: Scope, world: World): readonly ProxyGuard[] {
  return [
    // Nested locations inherit it (`ngx_http_core_merge_loc_conf`), which the documentation does not say.
    ...scope
      .nearest('internal')
      .slice(0, 1)
      .map((directive): ProxyGuard => ({ guard: 'internal', origin: originOf(directive) })),
    ...methodGuards(scope, world),
    ...limits(scope, world),
    ...addressGuard(scope, world.gaps),
    ...basicAuth(scope),
    ...authRequest(scope),
    ...tokenGuard(scope),
    ...unknownGuards(scope),
  ]
}

export function satisfyOf(scope: Scope): 'all' | 'any' {
  return scope.value('satisfy')?.words[0]?.text.toLowerCase() === 'any' ? 'any' : 'all'
}

/** `allow` and `deny` in the order of the lines; a level that has either replaces both (`ngx_http_access_merge_loc_conf`). */
function addressGuard(scope: Scope, gaps: Gaps): readonly ProxyGuard[] {
  const lines = scope.nearest('allow', 'deny')
  const [first] = lines
  if (first === undefined) return []
  const rules = lines.flatMap((directive): readonly AddressRule[] => {
    const from = addresses(directive.words[0]?.text ?? '')
    if (from === undefined)
      gaps.at(
        directive,
        `"${(directive.words[0]?.text ?? '').slice(0, 80)}" is no address: nginx takes neither host names nor variables here`,
      )
    return from === undefined ? [] : [{ action: directive.name === 'allow' ? 'allow' : 'deny', from, origin: originOf(directive) }]
  })
  return [{ guard: 'addresses', rules, origin: originOf(first) }]
}

function addresses(text: string): AddressRule['from'] | undefined {
  if (text === 'all') return 'all'
  return text === 'unix:' ? 'unix' : parsePrefix(text)
}

/** Without a password file nothing is asked (`ngx_http_auth_basic_handler`). */
function basicAuth(scope: Scope): readonly ProxyGuard[] {
  const realm = scope.value('auth_basic')
  const users = scope.value('auth_basic_user_file')
  if (realm === undefined || users === undefined || realm.words[0]?.text === 'off') return []
  // A realm from a variable may become "off" for some requests.
  if (realm.words[0]?.text.includes('$'))
    return [{ guard: 'unknown', what: 'auth_basic with a variable, which may be "off"', origin: originOf(realm) }]
  return [{ guard: 'basic-auth', origin: originOf(realm) }]
}

function authRequest(scope: Scope): readonly ProxyGuard[] {
  const directive = scope.value('auth_request')
  const uri = directive?.words[0]?.text
  if (directive === undefined || uri === undefined || uri === 'off') return []
  return [{ guard: 'auth-request', uri: show(uri), origin: originOf(directive) }]
}

function tokenGuard(scope: Scope): readonly ProxyGuard[] {
  const directive = scope.value('auth_jwt')
  return directive === undefined || directive.words[0]?.text === 'off' ? [] : [{ guard: 'token', origin: originOf(directive) }]
}

function limits(scope: Scope, world: World): readonly ProxyGuard[] {
  const requests = scope.isOn('limit_req_dry_run') ? [] : scope.nearest('limit_req')
  const connections = scope.isOn('limit_conn_dry_run') ? [] : scope.nearest('limit_conn')
  return [
    ...requests.map((directive): ProxyGuard => {
      const zone = option(directive, 'zone') ?? ''
      const rate = world.rates.get(zone)
      const burst = Number(option(directive, 'burst') ?? 0)
      return {
        guard: 'rate-limit',
        zone,
        ...(rate === undefined ? {} : { rate }),
        burst: Number.isFinite(burst) ? burst : 0,
        origin: originOf(directive),
      }
    }),
    ...connections.map((directive): ProxyGuard => {
      const [zone, most] = directive.words
      return { guard: 'connection-limit', zone: zone?.text ?? '', connections: Number(most?.text ?? 0) || 0, origin: originOf(directive) }
    }),
  ]
}

function methodGuards(scope: Scope, world: World): readonly ProxyGuard[] {
  return scope.own('limit_except').map((directive): ProxyGuard => {
    const inner = scope.child('limit_except', directive)
    const named = directive.words.map((word) => word.text.toUpperCase())
    // GET includes HEAD (`ngx_http_core_limit_except`).
    const except = named.includes('GET') && !named.includes('HEAD') ? [...named, 'HEAD'] : named
    return { guard: 'methods', except, guards: guardsOf(inner, world), origin: originOf(directive) }
  })
}

/** Lua, modules: they may refuse requests, and may not. Inherited as most directives are. */
function unknownGuards(scope: Scope): readonly ProxyGuard[] {
  const found = new Map<string, Directive>()
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    for (const directive of level.withRole('guard')) if (!found.has(directive.name)) found.set(directive.name, directive)
  }
  const active = [...found.values()].filter((directive) => directive.words[0]?.text !== 'off')
  return active.map((directive): ProxyGuard => ({ guard: 'unknown', what: directive.name, origin: originOf(directive) }))
}
