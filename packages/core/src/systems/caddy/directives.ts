/** The order in which Caddy takes the directives of a site, whatever order they are written in (caddyconfig/httpcaddyfile/directives.go). */
const ORDER: readonly string[] =
  `tracing map vars fs root log_append skip_log log_skip log_name header copy_response_headers request_body redir method
  rewrite uri try_files basicauth basic_auth forward_auth request_header encode push intercept templates invoke handle route abort error copy_response
  respond metrics reverse_proxy php_fastcgi file_server acme_server`.split(/\s+/)

/** Directives that neither let a request through nor keep it out. Of modules that are often built in: those that answer nothing themselves. */
const NEUTRAL: ReadonlySet<string> = new Set(
  `tracing map vars fs root log_append skip_log log_skip log_name log header copy_response_headers request_body method request_header encode push
  templates intercept copy_response tls bind import cache replace vulcain transform cors brotli handle_errors`.split(/\s+/),
)

/** Directives of modules that can do nothing but keep requests out, or a page of their own. */
export const LIMITS: ReadonlySet<string> = new Set(['rate_limit'])
export const BUILTIN: ReadonlySet<string> = new Set(['metrics', 'acme_server', 'mercure', 'webdav', 'php_server', 'php'])

export function isNeutral(name: string): boolean {
  return NEUTRAL.has(name)
}

/** The positions of directives, those of `order` options put in: a directive of a module has one only so. */
export function positionsOf(orders: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const order = [...ORDER]
  for (const [name, relation, other] of orders) {
    if (name === undefined) continue
    const at = order.indexOf(name)
    if (at >= 0) order.splice(at, 1)
    const place = other === undefined ? -1 : order.indexOf(other)
    if (relation === 'first') order.unshift(name)
    else if (relation === 'last' || place < 0) order.push(name)
    else order.splice(relation === 'before' ? place : place + 1, 0, name)
  }
  return new Map(order.map((name, index) => [name, index]))
}

/** `handle_path` is a `handle`, and these names are two of one directive. */
export function orderName(name: string): string {
  return name === 'handle_path' ? 'handle' : name
}
