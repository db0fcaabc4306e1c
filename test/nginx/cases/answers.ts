import { type Case, on, PATHS } from './case.ts'

export const ANSWERS: readonly Case[] = [
  {
    name: 'return with a status, a text, an address',
    http: `server { ${on} location /a { return 418; } location /b { return 301 https://example.com/b; } location / { return 211 "text"; } location /zz { return https://example.com/zz; } location /x.png { return 444; } }`,
    paths: PATHS,
  },
  { name: 'return of the server', http: `server { ${on} return 301 https://example.com/; location / { return 211; } }`, paths: PATHS },
  {
    name: 'rewrite to another location',
    http: `server { ${on} location /a { rewrite ^ /b/c last; } location /b { return 211; } location / { return 212; } }`,
    paths: PATHS,
  },
  {
    name: 'rewrite without a flag',
    http: `server { ${on} location /a { rewrite .* /b/c; } location /b { return 211; } location / { return 212; } }`,
    paths: PATHS,
  },
  {
    name: 'rewrite of the server',
    http: `server { ${on} rewrite ^ /b; location /a { return 211; } location /b { return 212; } location / { return 213; } }`,
    paths: PATHS,
  },
  {
    name: 'rewrite and stay',
    http: `server { ${on} location /a { rewrite ^ /b break; return 211; } location / { return 212; } }`,
    paths: PATHS,
  },
  {
    name: 'rewrite away',
    http: `server { ${on} location /a { rewrite ^ https://example.com/; } location /b { rewrite ^ /x permanent; } location / { rewrite ^ /y redirect; } }`,
    paths: PATHS,
  },
  {
    name: 'rewrite in a ring',
    http: `server { ${on} location /a { rewrite ^ /b last; } location /b { rewrite ^ /a last; } }`,
    paths: ['/a', '/b'],
  },
  {
    name: 'rewrite to an internal location',
    http: `server { ${on} location /a { rewrite ^ /b last; } location /b { internal; return 211; } }`,
    paths: ['/a', '/b'],
  },
  {
    name: 'break before return',
    http: `server { ${on} location /a { break; return 211; } location / { return 212; break; } }`,
    paths: ['/a', '/b'],
  },
  {
    name: 'error page in a named location',
    http: `server { ${on} location /a { deny all; error_page 403 = @other; } location @other { proxy_pass http://127.0.0.1:9002; } location / { return 212; } }`,
    paths: ['/a', '/b'],
  },
  {
    name: 'error page by path, guarded there',
    http: `server { ${on} location /a { deny all; error_page 403 /b; } location /b { allow all; proxy_pass http://127.0.0.1:9002; } }`,
    paths: ['/a', '/b'],
  },
  {
    name: 'error page for a returned status',
    http: `server { ${on} error_page 418 = @tea; location /a { return 418; } location @tea { proxy_pass http://127.0.0.1:9003; } location / { return 212; } }`,
    paths: ['/a', '/b'],
  },
  {
    name: 'error page in an internal location',
    http: `server { ${on} location /a { return 418; error_page 418 = /i; } location /i { internal; proxy_pass http://127.0.0.1:9003; } }`,
    paths: ['/a', '/i'],
  },
  {
    name: 'error page of another status',
    http: `server { ${on} error_page 404 = @x; location /a { deny all; } location @x { return 211; } }`,
    paths: ['/a'],
  },
  {
    name: 'error page not inherited where another is set',
    http: `server { ${on} error_page 403 = @x; location /a { error_page 500 = @x; deny all; } location /b { deny all; } location @x { proxy_pass http://127.0.0.1:9004; } }`,
    paths: ['/a', '/b'],
  },
  { name: 'a missing named location', http: `server { ${on} location /a { return 418; error_page 418 = @gone; } }`, paths: ['/a'] },
  { name: 'a page of its own', http: `server { ${on} location /a { stub_status; } location / { return 211; } }`, paths: PATHS },
  {
    name: 'internal met by an error page',
    http: `server { ${on} error_page 404 = @nope; location /a { internal; } location @nope { proxy_pass http://127.0.0.1:9005; } location / { return 211; } }`,
    paths: ['/a', '/b'],
  },
]
