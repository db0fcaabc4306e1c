import type { SocketCase } from './real.ts'

const DEFAULTS = 'defaults\n  timeout client 1s\n  timeout connect 1s\n  timeout server 1s\n'

const one = (name: string, text: string): SocketCase => ({ name, main: 'haproxy.cfg', files: { 'haproxy.cfg': DEFAULTS + text } })

const bind = (name: string, ...binds: readonly string[]): SocketCase =>
  one(name, `listen a\n  mode http\n${binds.map((each) => `  bind ${each}\n`).join('')}  server s 127.0.0.1:3000\n`)

/** Configurations for one HAProxy each. */
export const HAPROXY_CASES: readonly SocketCase[] = [
  bind('a star is every address of IPv4', '*:8080'),
  bind('a port alone', ':8080'),
  bind('loopback', '127.0.0.1:8080'),
  bind('an address of its own', '192.0.2.5:8080'),
  bind('every address of IPv6', '[::]:8080'),
  bind('every address of both', '[::]:8080 v4v6'),
  bind('every address of IPv6 alone', '[::]:8080 v6only'),
  bind('without brackets', ':::8080'),
  bind('an address of IPv6', '2001:db8::5:8080'),
  bind('loopback of IPv6', '[::1]:8080'),
  bind('ipv4@ and a star', 'ipv4@*:8080'),
  bind('ipv4@ and no host', 'ipv4@:8080'),
  bind('ipv6@ and no host', 'ipv6@:8080'),
  bind('ipv6@ and a star', 'ipv6@*:8080'),
  bind('ipv6@ alone', 'ipv6@:8080 v6only'),
  bind('tcp4@', 'tcp4@:8080'),
  bind('a range of ports', '127.0.0.1:8080-8084'),
  bind('several by comma', '127.0.0.1:8080,192.0.2.5:8081,:8082'),
  bind('several lines', ':8080', '[::1]:8081', '127.0.0.1:8082 accept-proxy'),
  bind('a name', 'localhost:8080'),
  bind('a socket file beside a port', '/tmp/sallyport-haproxy-test.sock', ':8080'),
  bind('a variable with a default', '"127.0.0.1:${SALLYPORT_NO_PORT-8089}"'),
  bind('quotes and a comment', "'127.0.0.1':8080 # :9090", '"127.0.0.1:8081"#x'),
  bind('an interface', ':8080 interface lo'),
  one(
    'frontend and backend',
    'frontend f\n  mode http\n  bind :8080\n  default_backend b\nbackend b\n  mode http\n  server s 127.0.0.1:3000\n',
  ),
  one(
    'two frontends',
    'frontend f\n  bind :8080\n  default_backend b\nfrontend g\n  bind 127.0.0.1:8081\n  default_backend b\nbackend b\n  server s 127.0.0.1:3000\n',
  ),
  one(
    'one is disabled',
    'frontend f\n  bind :8080\n  default_backend b\nfrontend g\n  bind 127.0.0.1:8081\n  disabled\n  default_backend b\nbackend b\n  server s 127.0.0.1:3000\n',
  ),
  one('statistics', 'listen stats\n  mode http\n  bind 127.0.0.1:8404\n  stats enable\n  stats uri /\n'),
  one(
    'the runtime API',
    'global\n  stats socket ipv4@127.0.0.1:9999 level admin\n  stats socket 192.0.2.5:9998\nlisten a\n  bind :8080\n  server s 127.0.0.1:3000\n',
  ),
  one('the runtime API on a port alone', 'global\n  stats socket :9999 level user\nlisten a\n  bind :8080\n  server s 127.0.0.1:3000\n'),
  one(
    'log-forward',
    'log-forward l\n  bind 127.0.0.1:1514\n  dgram-bind 127.0.0.1:1515\n  log 127.0.0.1:514 local0\nlisten a\n  bind :8080\n  server s 127.0.0.1:3000\n',
  ),
  one(
    'peers with bind',
    'global\n  localpeer local\npeers p\n  bind 127.0.0.1:1024\n  server local\nlisten a\n  bind :8080\n  stick-table type ip size 1 peers p\n  server s 127.0.0.1:3000\n',
  ),
  one(
    'setenv',
    'global\n  setenv MY_PORT 8090\nlisten a\n  bind "127.0.0.1:${MY_PORT}"\n  bind 127.0.0.1:1${MY_PORT}\n  server s 127.0.0.1:3000\n',
  ),
  one(
    'defaults by name',
    'defaults web\n  mode http\n  timeout client 1s\n  timeout connect 1s\n  timeout server 1s\nlisten a from web\n  bind :8080\n  server s 127.0.0.1:3000\n',
  ),
  {
    name: 'several files',
    main: 'haproxy.cfg',
    files: {
      'haproxy.cfg': `${DEFAULTS}listen a\n  bind :8080\n  server s 127.0.0.1:3000\n`,
      'conf.d/10.cfg': `${DEFAULTS}listen b\n  bind 127.0.0.1:8081\n  server s 127.0.0.1:3000\n`,
      'conf.d/20.cfg': `${DEFAULTS}listen c\n  bind 127.0.0.1:8082\n  server s 127.0.0.1:3000\n`,
    },
  },
]
