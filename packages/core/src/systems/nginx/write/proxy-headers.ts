/** What a proxy says of a request, set anew for each: what a client sent under these names never goes on. */
export const SET: readonly (readonly [name: string, value: string])[] = [
  ['Host', '$host'],
  ['X-Real-IP', '$remote_addr'],
  // Not $proxy_add_x_forwarded_for, which keeps what the client said and adds to it.
  ['X-Forwarded-For', '$remote_addr'],
  ['X-Forwarded-Proto', '$scheme'],
  ['X-Forwarded-Host', '$host'],
  ['X-Forwarded-Port', '$server_port'],
  ['X-Request-ID', '$request_id'],
  // WebSocket alone: any other upgrade leaves HTTP/1.1, and with it every check (RFC 9113 §3.1 dropped h2c).
  ['Upgrade', '$sallyport_upgrade'],
  ['Connection', '$sallyport_connection'],
  // The proof of `behind` of the guard; nothing where no key is given to nginx.
  ['X-Internal-API-Key', '$sallyport_key'],
  // Who it is, as the gateway says; nothing where nobody is asked.
  ['X-User', '$sallyport_user'],
]

/**
 * Headers of other proxies, tunnels and content networks, which some program behind this one believes: taken away. The table of
 * packages/guard/src/proxy-headers.ts says what each means and where it is from; of its families (`X-Forwarded-*`) the known members.
 */
export const CLEARED: readonly string[] = [
  ...['Forwarded', 'X-Forwarded', 'X-Forward-For', 'X-Original-Forwarded-For', 'Forwarded-For', 'Via'],
  ...['X-Forwarded-Prefix', 'X-Forwarded-Server', 'X-Forwarded-Scheme', 'X-Forwarded-Ssl', 'X-Forwarded-Protocol', 'X-Forwarded-Path'],
  ...['X-Forwarded-Uri', 'X-Forwarded-Method', 'X-Forwarded-By', 'X-Forwarded-Client-Cert', 'X-Forwarded-Tls-Client-Cert'],
  ...['X-Forwarded-User', 'X-Forwarded-Groups', 'X-Forwarded-Email', 'X-Forwarded-Preferred-Username', 'X-Forwarded-Access-Token'],
  ...['X-Client-IP', 'Client-IP', 'X-Cluster-Client-IP', 'X-Originating-IP', 'X-Remote-IP', 'X-Remote-Addr', 'X-Envoy-External-Address'],
  ...['X-Appengine-User-IP', 'X-Azure-ClientIP', 'X-Azure-SocketIP', 'X-Azure-FDID', 'X-ARR-Log-Id', 'X-Vercel-Forwarded-For'],
  ...[
    'X-NF-Client-Connection-IP',
    'True-Client-IP',
    'CF-Connecting-IP',
    'CF-Connecting-IPv6',
    'CF-Pseudo-IPv4',
    'CF-IPCountry',
    'CF-Worker',
  ],
  ...['CF-Ray', 'CF-Visitor', 'Fastly-Client-IP', 'Fastly-FF', 'Fly-Client-IP', 'CloudFront-Viewer-Address', 'CloudFront-Forwarded-Proto'],
  ...['X-Amz-Cf-Id', 'CDN-Loop', 'X-ProxyUser-IP', 'X-Host', 'X-Original-Host', 'X-HTTP-Host-Override', 'X-Backend-Host'],
  ...['Tailscale-User-Login', 'Tailscale-User-Name', 'Tailscale-User-Profile-Pic', 'Tailscale-Headers-Info'],
  ...['X-URL-Scheme', 'X-Scheme', 'Front-End-Https', 'X-Script-Name', 'X-Original-URL', 'X-Rewrite-URL', 'X-Original-URI'],
  ...['X-Envoy-Original-Path', 'X-Accel-Mapping', 'X-Sendfile-Type', 'X-Override-URL', 'X-HTTP-Method-Override', 'X-Original-Method'],
  ...['X-HTTP-Method', 'X-Method-Override', 'Proxy', 'Proxy-Connection', 'Proxy-Authorization', 'X-Middleware-Subrequest'],
  // Who is signed in, as proxies that sign people in tell it (oauth2-proxy, Authelia, Authentik, mod_auth_*).
  ...['X-User-Id', 'X-Email', 'X-Groups', 'X-Remote-User', 'X-Authenticated-User', 'X-Authenticated-Userid', 'X-Auth-User'],
  ...[
    'X-Auth-Request-User',
    'X-Auth-Request-Email',
    'X-Auth-Request-Groups',
    'X-Auth-Request-Preferred-Username',
    'X-Auth-Request-Access-Token',
  ],
  ...['X-WebAuth-User', 'Remote-User', 'Remote-Groups', 'Remote-Name', 'Remote-Email', 'X-Authentik-Username', 'X-Authentik-Groups'],
  ...['X-SSL-Client-Cert', 'X-SSL-Client-DN', 'X-SSL-Client-Verify', 'X-Client-Cert'],
]
