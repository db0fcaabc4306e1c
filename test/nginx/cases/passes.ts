import { type Case, located, on, PATHS, SOURCES } from './case.ts'

export const PASSES: readonly Case[] = [
  {
    name: 'E5 · engines behind nginx, each at its own port on loopback, and nothing else',
    http: `server { ${on} server_name engines.example.com; ${Array.from({ length: 10 }, (_, index) => `location /engine${index}/ { proxy_pass http://127.0.0.1:${9001 + index}/; }`).join('\n')} location / { return 404; } } server { listen 8080 default_server; return 444; }`,
    hosts: ['engines.example.com', 'other.example.com', null],
    paths: [
      '/',
      '/engine',
      ...Array.from({ length: 10 }, (_, index) => [
        `/engine${index}`,
        `/engine${index}/`,
        `/engine${index}/x`,
        `/engine${index}/../engine0/x`,
      ]).flat(),
    ],
  },
  {
    name: 'to an address',
    http: located('/ { proxy_pass http://127.0.0.1:9001; }', '/a { proxy_pass http://localhost:9002; }'),
    paths: PATHS,
  },
  {
    name: 'C4 · to loopback as getaddrinfo spells it, and to every address, which is loopback as well',
    http: `server { ${on} ${['127.1', '0x7f000001', '2130706433', '017700000001', '0x7f.1', '0', 'LOCALHOST', '[::ffff:127.0.0.1]'].map((host, index) => `location /${index} { proxy_pass http://${host}:${9001 + index}; }`).join(' ')} }`,
    paths: Array.from({ length: 8 }, (_, index) => `/${index}`),
  },
  {
    name: 'with a path',
    http: `server { ${on} location /a/ { proxy_pass http://127.0.0.1:9001/z/; } location / { proxy_pass http://127.0.0.1:9002; } }`,
    paths: PATHS,
  },
  {
    name: 'to a group',
    http: `upstream g { server 127.0.0.1:9001; server 127.0.0.1:9002; } server { ${on} location / { proxy_pass http://g; } }`,
    paths: PATHS,
  },
  {
    name: 'to a group defined later, in another case',
    http: `server { ${on} location / { proxy_pass http://G; } } upstream g { server 127.0.0.1:9003; }`,
    paths: ['/'],
  },
  {
    name: 'a back end that is down',
    http: `upstream g { server 127.0.0.1:9001 down; server 127.0.0.1:9002; server 127.0.0.1:9003 backup; } server { ${on} location / { proxy_pass http://g; } }`,
    paths: ['/', '/a'],
  },
  {
    name: 'by a variable of the server',
    http: `server { ${on} set $to 127.0.0.1:9004; location / { proxy_pass http://$to; } }`,
    paths: ['/', '/a'],
  },
  {
    name: 'by a variable that names a group',
    http: `upstream g { server 127.0.0.1:9005; } server { ${on} set $to g; location / { proxy_pass http://$to; } }`,
    paths: ['/', '/a'],
  },
  {
    name: 'by a map',
    http: `map $host $to { a 127.0.0.1:9001; b 127.0.0.1:9002; default 127.0.0.1:9003; } server { ${on} location / { proxy_pass http://$to; } }`,
    hosts: ['a', 'b', 'c'],
  },
  {
    name: 'by a map of a map',
    http: `map $host $one { a x; default y; } map $one $to { x 127.0.0.1:9001; y 127.0.0.1:9002; } server { ${on} location / { proxy_pass http://$to; } }`,
    hosts: ['a', 'b'],
  },
  {
    name: 'by geo',
    http: `geo $to { default 127.0.0.1:9001; 192.0.2.0/24 127.0.0.1:9002; } server { ${on} location / { proxy_pass http://$to; } }`,
    from: SOURCES,
  },
  {
    name: 'by a share',
    http: `split_clients $request_uri $to { 50% 127.0.0.1:9001; * 127.0.0.1:9002; } server { ${on} location / { proxy_pass http://$to; } }`,
    paths: PATHS,
  },
  {
    name: 'an address and a path of the request',
    http: `server { ${on} location / { proxy_pass http://127.0.0.1:9006$request_uri; } }`,
    paths: ['/', '/a', '/a?b'],
  },
  {
    name: 'nested locations do not inherit it',
    http: `server { ${on} location /a { proxy_pass http://127.0.0.1:9001; location /a/b { } location ~ png { return 212; } } }`,
    paths: PATHS,
  },
  {
    name: 'limited methods do inherit it',
    http: `server { ${on} location / { proxy_pass http://127.0.0.1:9001; limit_except GET { allow all; } } }`,
    methods: ['GET', 'POST'],
  },
  {
    name: 'from a named location',
    http: `server { ${on} location / { error_page 418 = @app; return 418; } location @app { proxy_pass http://127.0.0.1:9007; } }`,
    paths: ['/', '/a'],
  },
  { name: 'nobody there', http: `server { ${on} location / { proxy_pass http://127.0.0.1:9999; } }`, paths: ['/'] },
  {
    name: 'the last handler of a location',
    http: `server { ${on} location / { stub_status; proxy_pass http://127.0.0.1:9001; } }`,
    paths: ['/'],
  },
  {
    name: 'an IPv6 back end in words',
    http: `upstream six { server [::1]:9999; server 127.0.0.1:9001; } server { ${on} location / { proxy_pass http://six; } }`,
    paths: ['/'],
  },
]
