import { type Case, on, SOURCES } from './case.ts'

export const FILES: readonly Case[] = [
  { name: 'include of one file', http: 'include one.conf;', files: { 'one.conf': `server { ${on} return 211; }` } },
  {
    name: 'include by pattern, in order',
    http: 'include sites/*;',
    files: {
      'sites/b': `server { ${on} return 212; }`,
      'sites/a': `server { ${on} return 211; }`,
      'sites/C': `server { ${on} return 213; }`,
      'sites/.hidden': `server { ${on} return 214; }`,
    },
  },
  { name: 'include by pattern with no match', http: `include none/*.conf; server { ${on} return 211; }` },
  {
    name: 'include in a server, relative to the main file',
    http: 'include sites/a;',
    files: {
      'sites/a': `server { ${on} include parts/x.inc; }`,
      'parts/x.inc': 'location /a { return 211; } include parts/y.inc;',
      'parts/y.inc': 'return 212;',
    },
    paths: ['/a', '/b'],
  },
  {
    name: 'include twice',
    http: `server { ${on} location /a { include p; } location /b { include p; } }`,
    files: { p: 'deny 127.0.0.1; proxy_pass http://127.0.0.1:9001;' },
    paths: ['/a', '/b', '/c'],
    from: SOURCES,
  },
  {
    name: 'include in a map and an upstream',
    http: `map $host $to { include m; } upstream g { include u; } server { ${on} location / { proxy_pass http://$to; } }`,
    files: { m: 'a g; default 127.0.0.1:9002;', u: 'server 127.0.0.1:9001;' },
    hosts: ['a', 'b'],
  },
  {
    name: 'a character class in a pattern',
    http: 'include s/[ab]?.conf;',
    files: {
      's/a1.conf': `server { ${on} server_name a; return 211; }`,
      's/b1.conf': `server { ${on} server_name b; return 212; }`,
      's/c1.conf': `server { ${on} server_name c; return 213; }`,
    },
    hosts: ['a', 'b', 'c'],
  },
  {
    name: 'quotes, escapes and comments',
    http: `# server { ${on} return 200; }\nserver {${on}server_name "a" 'b' c\\d; "location" "/a" {return 211;}location '/b c' { return 212 ; } # }\n location /\\a { return 213; } location "/q\\"" { return 214; } return 215 ; }\nserver { listen 8081; server_name x#y; location /a#b { return 216; } location / { return 217; } }`,
    hosts: ['a', 'b', 'c'],
    paths: ['/a', '/b%20c'],
    to: ['127.0.0.1 8080', '127.0.0.1 8081'],
  },
  {
    name: 'a location with a quote and a brace',
    http: `server { ${on} location ~ "^/a{1,2}$" { return 211; } location "/b{c}" { return 212; } location / { return 213; } }`,
    paths: ['/a', '/aa', '/aaa', '/b{c}', '/b'],
  },
  {
    name: 'lines end with CR LF',
    http: `server {\r\n  ${on}\r\n  location /a {\r\n return 211;\r\n }\r\n return 212;\r\n}\r\n`,
    paths: ['/a', '/b'],
  },
]
