import type { SocketCase } from './real.ts'

const one = (name: string, Caddyfile: string, more: Readonly<Record<string, string>> = {}): SocketCase => ({
  name,
  main: 'Caddyfile',
  files: { Caddyfile, ...more },
})

/** Configurations for one Caddy each. Names that end in `.example` have no addresses: nothing is asked of anybody. */
export const CADDY_CASES: readonly SocketCase[] = [
  one('a port alone is HTTP on every address', ':8080 {\n\trespond hi\n}\n'),
  one('one site without braces', ':8081\nrespond hi\n'),
  one('a domain is HTTPS, QUIC and a redirection', 'a.example {\n\ttls internal\n\trespond hi\n}\n'),
  one('http:// is HTTP', 'http://a.example {\n\trespond hi\n}\n'),
  one('http:// with a port', 'http://a.example:8080, http://b.example:8082 {\n\trespond hi\n}\n'),
  one('a name with a port is HTTPS there', 'a.example:8443 {\n\ttls internal\n\trespond hi\n}\n'),
  one('a name with the port of HTTP is HTTP', 'a.example:80 {\n\trespond hi\n}\n'),
  one('localhost is a name like others, on every address', 'localhost {\n\trespond hi\n}\n'),
  one('an address before the port binds nothing', '127.0.0.1:8080 {\n\trespond hi\n}\n'),
  one('an address with http://', 'http://127.0.0.1:8080 {\n\trespond hi\n}\n'),
  one('bind', 'http://a.example:8080 {\n\tbind 127.0.0.1\n\trespond hi\n}\n'),
  one('bind to several', ':8080 {\n\tbind 127.0.0.1 [::1] 192.0.2.5\n\trespond hi\n}\n'),
  one('bind to localhost', ':8080 {\n\tbind localhost\n\trespond hi\n}\n'),
  one('bind to every address of IPv4', ':8080 {\n\tbind 0.0.0.0\n\trespond hi\n}\n'),
  one('bind to every address of IPv6', ':8080 {\n\tbind [::]\n\trespond hi\n}\n'),
  one('bind by network', ':8080 {\n\tbind tcp4/0.0.0.0\n\trespond hi\n}\n:8081 {\n\tbind tcp6/[::]\n\trespond hi\n}\n'),
  one('bind of a site with HTTPS holds for its redirection', 'a.example {\n\tbind 192.0.2.5\n\ttls internal\n\trespond hi\n}\n'),
  one('bind to a socket file', ':8080 {\n\tbind unix/./caddy.sock\n\trespond hi\n}\n:8081 {\n\trespond hi\n}\n'),
  one('default_bind', '{\n\tdefault_bind 127.0.0.1\n}\n:8080 {\n\trespond hi\n}\n:8081 {\n\tbind 192.0.2.5\n\trespond hi\n}\n'),
  one('other ports for HTTP and HTTPS', '{\n\thttp_port 8080\n\thttps_port 8443\n}\na.example {\n\ttls internal\n\trespond hi\n}\n'),
  one('no automatic HTTPS', '{\n\tauto_https off\n}\na.example {\n\trespond hi\n}\n:8082 {\n\trespond hi\n}\n'),
  one('no automatic HTTPS, a site that asks for it', '{\n\tauto_https off\n}\nhttps://a.example {\n\ttls internal\n\trespond hi\n}\n'),
  one('no redirections', '{\n\tauto_https disable_redirects\n}\na.example {\n\ttls internal\n\trespond hi\n}\n'),
  one('without HTTP/3', '{\n\tservers {\n\t\tprotocols h1 h2\n\t}\n}\na.example {\n\ttls internal\n\trespond hi\n}\n'),
  one('no administration', '{\n\tadmin off\n}\n:8080 {\n\trespond hi\n}\n'),
  one('administration elsewhere', '{\n\tadmin 127.0.0.1:2020\n}\n:8080 {\n\trespond hi\n}\n'),
  one('administration for everybody', '{\n\tadmin 0.0.0.0:2019\n}\n:8080 {\n\trespond hi\n}\n'),
  one('administration on every address', '{\n\tadmin :2021\n}\n:8080 {\n\trespond hi\n}\n'),
  one('administration over a file', '{\n\tadmin unix/./admin.sock\n}\n:8080 {\n\trespond hi\n}\n'),
  one('tls without a name', ':8443 {\n\ttls internal {\n\t\ton_demand\n\t}\n\trespond hi\n}\n'),
  one('https:// without a name', 'https:// {\n\ttls internal {\n\t\ton_demand\n\t}\n\trespond hi\n}\n'),
  one('the port of HTTPS without a name', ':443 {\n\trespond hi\n}\n'),
  one('one site for HTTP and HTTPS', 'http://a.example, https://a.example {\n\ttls internal\n\trespond hi\n}\n'),
  one('a redirection beside a site of HTTP', 'a.example {\n\ttls internal\n\trespond hi\n}\nhttp://b.example {\n\trespond hi\n}\n'),
  one('a wildcard', '*.a.example {\n\ttls internal\n\t@one host one.a.example\n\thandle @one {\n\t\trespond 1\n\t}\n}\n'),
  one('several addresses over several lines', 'http://a.example:8080,\nhttp://b.example:8081 {\n\trespond hi\n}\n'),
  one('variables with defaults', ':{$SALLYPORT_NO_PORT:8085} {\n\tbind {$SALLYPORT_NO_BIND:127.0.0.1}\n\trespond hi\n}\n'),
  one('imports', 'import sites/*\n(x) {\n\tbind 127.0.0.1\n}\n:8086 {\n\timport x\n\trespond hi\n}\n', {
    'sites/a': ':8087 {\n\trespond hi\n}\n',
    'sites/b': ':8088 {\n\trespond hi\n}\n',
  }),
  one('nothing but options', '{\n\tadmin 127.0.0.1:2022\n}\n'),
  {
    name: 'JSON',
    main: 'caddy.json',
    files: {
      'caddy.json': JSON.stringify({
        admin: { listen: '127.0.0.1:2023' },
        apps: {
          http: {
            servers: {
              a: { listen: [':8080', '127.0.0.1:8090-8092'], routes: [{ handle: [{ handler: 'static_response' }] }] },
              b: { listen: ['192.0.2.5:443'], routes: [{ match: [{ host: ['localhost'] }], handle: [{ handler: 'static_response' }] }] },
            },
          },
        },
      }),
    },
  },
]
