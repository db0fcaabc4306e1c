/** Headers that a proxy, a tunnel or a content network adds: a request to a local-only server has none of them. */

export interface ProxyHeader {
  /** Lower case; a `*` at the end stands for any rest. */
  readonly name: string
  readonly says: string
  readonly source: string
}

const ADDRESS = 'another address of the client'
const PLACE = 'another path than the one that was checked'
const METHOD = 'another method than the one that was checked'
const PROXIED = 'the request came through a proxy'

export const PROXY_HEADERS: readonly ProxyHeader[] = [
  { name: 'x-forwarded-for', says: ADDRESS, source: 'RFC 7239 §1' },
  { name: 'x-real-ip', says: ADDRESS, source: 'nginx ngx_http_realip_module' },
  { name: 'x-forwarded-host', says: 'another host', source: 'RFC 7239 §1' },
  { name: 'x-forwarded-proto', says: 'another scheme', source: 'RFC 7239 §1' },
  { name: 'x-forwarded-port', says: 'another port', source: 'AWS Elastic Load Balancing, Traefik' },
  { name: 'forwarded', says: 'all of these', source: 'RFC 7239 §4' },
  {
    name: 'x-forwarded-*',
    says: 'prefix, server, path, scheme, SSL, client certificate …',
    source: 'Traefik X-Forwarded-Prefix, Azure X-Forwarded-…',
  },
  { name: 'x-forwarded', says: ADDRESS, source: 'OWASP, before RFC 7239' },
  { name: 'x-forward-for', says: ADDRESS, source: 'OWASP, before RFC 7239' },
  { name: 'x-original-forwarded-for', says: ADDRESS, source: 'ingress-nginx' },
  { name: 'forwarded-for', says: ADDRESS, source: 'before RFC 7239' },
  { name: 'via', says: PROXIED, source: 'RFC 9110 §7.6.3' },
  { name: 'x-client-ip', says: ADDRESS, source: 'Apache mod_remoteip; Heroku, Akamai' },
  { name: 'client-ip', says: ADDRESS, source: 'PHP: HTTP_CLIENT_IP' },
  { name: 'x-cluster-client-ip', says: ADDRESS, source: 'Rackspace, Riverbed' },
  { name: 'x-originating-ip', says: ADDRESS, source: 'Microsoft Exchange' },
  { name: 'x-remote-ip', says: ADDRESS, source: 'Rails, before ActionDispatch::RemoteIp' },
  { name: 'x-remote-addr', says: ADDRESS, source: 'PHP proxies' },
  { name: 'x-envoy-external-address', says: ADDRESS, source: 'Envoy' },
  { name: 'x-appengine-user-ip', says: ADDRESS, source: 'Google App Engine' },
  { name: 'x-azure-clientip', says: ADDRESS, source: 'Azure Front Door' },
  { name: 'x-azure-socketip', says: ADDRESS, source: 'Azure Front Door' },
  { name: 'x-azure-fdid', says: PROXIED, source: 'Azure Front Door' },
  { name: 'x-arr-log-id', says: PROXIED, source: 'IIS Application Request Routing' },
  { name: 'x-vercel-forwarded-for', says: ADDRESS, source: 'Vercel' },
  { name: 'x-nf-client-connection-ip', says: ADDRESS, source: 'Netlify' },
  { name: 'true-client-ip', says: ADDRESS, source: 'Akamai, Cloudflare' },
  { name: 'cf-connecting-ip', says: ADDRESS, source: 'Cloudflare' },
  { name: 'cf-connecting-ipv6', says: ADDRESS, source: 'Cloudflare' },
  { name: 'cf-pseudo-ipv4', says: ADDRESS, source: 'Cloudflare' },
  { name: 'cf-ipcountry', says: PROXIED, source: 'Cloudflare' },
  { name: 'cf-worker', says: PROXIED, source: 'Cloudflare' },
  { name: 'cf-ray', says: PROXIED, source: 'Cloudflare, cloudflared' },
  { name: 'cf-visitor', says: 'another scheme', source: 'Cloudflare' },
  { name: 'fastly-client-ip', says: ADDRESS, source: 'Fastly' },
  { name: 'fastly-ff', says: PROXIED, source: 'Fastly' },
  { name: 'fly-client-ip', says: ADDRESS, source: 'Fly.io' },
  { name: 'cloudfront-viewer-address', says: ADDRESS, source: 'Amazon CloudFront' },
  { name: 'cloudfront-forwarded-proto', says: 'another scheme', source: 'Amazon CloudFront' },
  { name: 'x-amz-cf-id', says: PROXIED, source: 'Amazon CloudFront' },
  { name: 'cdn-loop', says: PROXIED, source: 'RFC 8586' },
  { name: 'tailscale-*', says: 'who is signed in, at a tunnel', source: 'Tailscale Serve' },
  { name: 'ngrok-*', says: 'the request came through a tunnel', source: 'ngrok' },
  { name: 'x-proxyuser-ip', says: ADDRESS, source: 'Google proxies' },
  { name: 'x-host', says: 'another host', source: 'Symfony, Zend; James Kettle, Practical Web Cache Poisoning' },
  { name: 'x-original-host', says: 'another host', source: 'Azure Application Gateway' },
  { name: 'x-http-host-override', says: 'another host', source: 'James Kettle, Practical Web Cache Poisoning' },
  { name: 'x-backend-host', says: 'another host', source: 'F5' },
  { name: 'x-url-scheme', says: 'another scheme', source: 'Werkzeug' },
  { name: 'x-scheme', says: 'another scheme', source: 'ingress-nginx' },
  { name: 'front-end-https', says: 'another scheme', source: 'Microsoft' },
  { name: 'x-script-name', says: PLACE, source: 'WSGI' },
  { name: 'x-original-url', says: PLACE, source: 'IIS, Symfony (CVE-2018-14773), Zend' },
  { name: 'x-rewrite-url', says: PLACE, source: 'IIS, Symfony (CVE-2018-14773)' },
  { name: 'x-original-uri', says: PLACE, source: 'ingress-nginx' },
  { name: 'x-envoy-original-path', says: PLACE, source: 'Envoy' },
  { name: 'x-accel-mapping', says: PLACE, source: 'Rack::Sendfile, CVE-2025-61780' },
  { name: 'x-sendfile-type', says: PLACE, source: 'Rack::Sendfile, CVE-2025-61780' },
  { name: 'x-override-url', says: PLACE, source: 'James Kettle, Practical Web Cache Poisoning' },
  { name: 'x-http-method-override', says: METHOD, source: 'method-override, Rails, Laravel' },
  { name: 'x-original-method', says: METHOD, source: 'ingress-nginx' },
  { name: 'x-http-method', says: METHOD, source: 'Microsoft OData' },
  { name: 'x-method-override', says: METHOD, source: 'method-override' },
  { name: 'proxy', says: 'the HTTP_PROXY of programs that this one starts', source: 'httpoxy, CVE-2016-5385' },
  { name: 'proxy-connection', says: PROXIED, source: 'RFC 9112 appendix C.2.2' },
  { name: 'proxy-authorization', says: PROXIED, source: 'RFC 9110 §11.7.2' },
  { name: 'x-middleware-subrequest', says: 'that the checks were made already', source: 'Next.js, CVE-2025-29927' },
]

const EXACT = new Set(PROXY_HEADERS.flatMap(({ name }) => (name.endsWith('*') ? [] : [name])))
const PREFIXES = PROXY_HEADERS.flatMap(({ name }) => (name.endsWith('*') ? [name.slice(0, -1)] : []))

/**
 * The name that back ends see: some turn every character that is no letter or digit into `-` or `_` (CGI, RFC 3875 §4.1.18; WSGI, PHP, Rack), so
 * that `X_Forwarded.For` is `X-Forwarded-For` to them.
 */
export function folded(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9:]/g, '-')
}

/** Whether a name is one of the table in any spelling. `name`: as it was sent. */
export function isProxyHeader(name: string): boolean {
  const key = folded(name)
  return EXACT.has(key) || PREFIXES.some((prefix) => key.startsWith(prefix))
}
