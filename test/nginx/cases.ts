/** A configuration and what is asked of it: every combination of the lists. Each block answers with a status of its own, so that it can be told which one answered. */
export interface Case {
  readonly name: string
  /** The content of the `http` block. */
  readonly http: string
  /** Further files, by path relative to the folder of nginx.conf. */
  readonly files?: Readonly<Record<string, string>>
  /** `address port`; default `127.0.0.1 8080`. */
  readonly to?: readonly string[]
  /** Host headers; `null`: none (HTTP/1.0). Default `x.example`. */
  readonly hosts?: readonly (string | null)[]
  /** Request targets; default `/`. */
  readonly paths?: readonly string[]
  /** Source addresses; default the kernel's choice. */
  readonly from?: readonly string[]
  readonly methods?: readonly string[]
  /** With the right password; default false only. */
  readonly users?: readonly boolean[]
}

const on = 'listen 8080;'
const USERS = { users: 'u:{PLAIN}p\n' }
const PATHS = ['/', '/a', '/a/', '/a/b', '/ab', '/A', '/a/b/c', '/a.php', '/a/b.php', '/b', '/b/', '/b/c.PHP', '/x.png', '/a/x.png', '/zz/../a', '//a', '/%61', '/a%2fb', '/a/./b', '/a?b=c']
const NAMES = ['example.com', 'EXAMPLE.com', 'www.example.com', 'a.www.example.com', 'example.com.', 'example.com:8080', 'example.org', 'mail.example.net', 'mail.x', 'x', '127.0.0.1', '[::1]', 'www.example.co.uk', '', null, '_', 'com', 'example', 'xexample.com']
const SOURCES = ['127.0.0.1', '127.0.0.2', '192.0.2.5', '192.0.2.77', '198.51.100.7']

/** Servers, one status each, on port 8080. */
const named = (...names: readonly string[]): string => names.map((name, index) => `server { ${on} ${name === '-' ? '' : `server_name ${name};`} return ${211 + index}; }`).join('\n')
const located = (...locations: readonly string[]): string => `server { ${on} ${locations.map((location, index) => (location.includes('{') ? `location ${location}` : `location ${location} { return ${211 + index}; }`)).join('\n')} }`
const guarded = (directives: string, server = '', http = ''): string => `${http} server { ${on} ${server} location / { ${directives} proxy_pass http://127.0.0.1:9001; } }`

const SERVERS: readonly Case[] = [
  { name: 'one server answers for every name', http: named('example.com'), hosts: NAMES },
  { name: 'the first server is the default', http: named('a', 'b'), hosts: NAMES },
  { name: 'default_server said so', http: `server { ${on} server_name a; return 211; } server { listen 8080 default_server; server_name b; return 212; }`, hosts: ['a', 'b', 'c', '', null] },
  { name: 'exact before wildcards', http: named('*.example.com', 'www.example.*', 'www.example.com', '.example.com'), hosts: NAMES },
  { name: 'wildcard at the start before wildcard at the end', http: named('x', 'www.example.*', '*.example.com'), hosts: NAMES },
  { name: 'the longest wildcard at the start', http: named('x', '*.com', '*.example.com', '*.www.example.com'), hosts: NAMES },
  { name: 'the longest wildcard at the end', http: named('x', 'www.*', 'www.example.*', 'www.example.co.*'), hosts: NAMES },
  { name: 'a leading dot is the name itself too', http: named('x', '.example.com'), hosts: NAMES },
  { name: 'a leading dot after the exact name is ignored whole', http: named('x', 'example.com', '.example.com'), hosts: NAMES },
  { name: 'an exact name after a leading dot is ignored', http: named('x', '.example.com', 'example.com'), hosts: NAMES },
  { name: 'a leading dot and a star compete', http: named('x', '*.example.com', '.example.com'), hosts: NAMES },
  { name: 'the first of equal names', http: named('x', 'example.com', 'example.com', 'EXAMPLE.COM'), hosts: NAMES },
  { name: 'the first of equal wildcards', http: named('x', '*.example.com', '*.example.com'), hosts: NAMES },
  { name: 'several names on one server', http: named('x', 'a example.com *.example.org mail.*', 'www.example.com'), hosts: NAMES },
  { name: 'names on several lines', http: `${named('x')} server { ${on} server_name a; server_name example.com; return 220; }`, hosts: NAMES },
  { name: 'regex after wildcards, in order', http: named('x', '~^www\\.', '~example', '*.example.com'), hosts: NAMES },
  { name: 'regexes of different servers', http: named('x', '~^a', '~\\.com$', '~^(?<sub>.+)\\.example\\.com$'), hosts: NAMES },
  { name: 'a regex with a capital ignores case', http: named('x', '~^WWW\\.'), hosts: NAMES },
  { name: 'a regex with captures on the only server', http: named('~^(?<name>www)'), hosts: NAMES },
  { name: 'the empty name takes requests without a host', http: named('x', '""'), hosts: NAMES },
  { name: 'no name at all is the empty name', http: named('x', '-'), hosts: NAMES },
  { name: 'the underscore is a name like others', http: named('x', '_'), hosts: NAMES },
  { name: 'an address as a name', http: named('x', '127.0.0.1', '[::1]'), hosts: NAMES },
  { name: 'no listen at all is port 80', http: 'server { server_name a; return 211; } server { listen 80; server_name b; return 212; }', to: ['127.0.0.1 80', '192.0.2.5 80'], hosts: ['a', 'b', 'c'] },
  { name: 'an address of its own before all addresses', http: 'server { listen 8080; server_name a; return 211; } server { listen 127.0.0.1:8080; server_name b; return 212; }', to: ['127.0.0.1 8080', '192.0.2.5 8080'], hosts: ['a', 'b', 'c'] },
  { name: 'servers on several addresses', http: 'server { listen 8080; listen 192.0.2.5:8081; server_name a; return 211; } server { listen 8081; server_name b; return 212; } server { listen 192.0.2.5:8081; server_name c; return 213; }', to: ['127.0.0.1 8080', '192.0.2.5 8081', '127.0.0.1 8081'], hosts: ['a', 'b', 'c'] },
  { name: 'a default for each address', http: 'server { listen 8080; listen 8081 default_server; server_name a; return 211; } server { listen 8080 default_server; listen 8081; server_name b; return 212; }', to: ['127.0.0.1 8080', '127.0.0.1 8081'], hosts: ['a', 'b', 'c'] },
  { name: 'IPv6 apart from IPv4', http: 'server { listen 8080; return 211; } server { listen [::]:8080; return 212; } server { listen [2001:db8::5]:8080; return 213; }', to: ['127.0.0.1 8080', '::1 8080', '2001:db8::5 8080', '2001:db8:1::9 8080'] },
  { name: 'one socket for both families', http: 'server { listen [::]:8080 ipv6only=off; server_name a; return 211; } server { listen [::]:8080; server_name b; return 212; }', to: ['127.0.0.1 8080', '::1 8080', '192.0.2.5 8080'], hosts: ['a', 'b', 'c'] },
  { name: 'a range of ports', http: 'server { listen 8080-8082; return 211; }', to: ['127.0.0.1 8080', '127.0.0.1 8081', '127.0.0.1 8082'] },
  { name: 'an address with the default port', http: 'server { listen 127.0.0.1; return 211; } server { listen 192.0.2.5; return 212; }', to: ['127.0.0.1 80', '192.0.2.5 80'] },
  { name: 'a star is every address', http: 'server { listen *:8080; server_name a; return 211; } server { listen 0.0.0.0:8080; server_name b; return 212; }', hosts: ['a', 'b', 'c'] },
]

const LOCATIONS: readonly Case[] = [
  { name: 'no location', http: `server { ${on} }`, paths: PATHS },
  { name: 'the longest prefix', http: located('/', '/a', '/a/', '/a/b'), paths: PATHS },
  { name: 'in any order', http: located('/a/b', '/a/', '/a', '/'), paths: PATHS },
  { name: 'without a location for all', http: located('/a', '/b/'), paths: PATHS },
  { name: 'exact before prefix', http: located('/a', '= /a', '= /', '/'), paths: PATHS },
  { name: 'exact before regex', http: located('~ a', '= /a', '/'), paths: PATHS },
  { name: 'a regex before the longest prefix', http: located('/', '/a/', '~ \\.php$', '~* \\.php$'), paths: PATHS },
  { name: 'the first regex', http: located('~ a', '~ b', '~ /a/b', '/'), paths: PATHS },
  { name: 'a regex that ignores case', http: located('~* ^/A$', '~ ^/A', '/'), paths: PATHS },
  { name: 'a prefix that keeps regexes out', http: located('/', '^~ /a', '~ \\.(php|png)$'), paths: PATHS },
  { name: 'a longer prefix lets regexes in again', http: located('^~ /a', '/a/b', '~ \\.(php|png)$', '/'), paths: PATHS },
  { name: 'a shorter prefix does not keep regexes out', http: located('^~ /', '/a', '~ \\.(php|png)$'), paths: PATHS },
  { name: 'modifiers without a blank', http: located('=/a', '^~/b', '~*\\.png$', '~\\.php$', '/'), paths: PATHS },
  { name: 'a prefix without a slash at the start', http: located('a', '/', 'b'), paths: PATHS },
  { name: 'prefixes are not words', http: located('/a', '/'), paths: PATHS },
  { name: 'nested prefixes', http: located('/ { return 211; }', '/a { location /a/b { return 221; } location /a/ { return 222; } return 223; }'), paths: PATHS },
  { name: 'nested: only the inner one matches its part', http: `server { ${on} location /a { location /a/b { return 212; } } location / { return 213; } }`, paths: PATHS },
  { name: 'nested regex before the outer regex', http: `server { ${on} location /a { location ~ php { return 211; } } location ~ \\.php$ { return 212; } }`, paths: PATHS },
  { name: 'outer regex after a nested prefix', http: `server { ${on} location /a { location /a/b { return 211; } } location ~ \\.php$ { return 212; } location / { return 213; } }`, paths: PATHS },
  { name: 'nested in a prefix that keeps regexes out', http: `server { ${on} location ^~ /a { location /a/b { return 211; } location ~ png { return 212; } return 213; } location ~ . { return 214; } }`, paths: PATHS },
  { name: 'a nested ^~ keeps out its own level only', http: `server { ${on} location /a { location ^~ /a/b { return 211; } location ~ php { return 212; } return 213; } location ~ php$ { return 214; } }`, paths: PATHS },
  { name: 'nested in a regex', http: `server { ${on} location ~ ^/a { location ~ php { return 211; } location ~ b$ { return 212; } } location / { return 213; } }`, paths: PATHS },
  { name: 'nested exact', http: `server { ${on} location /a { location = /a/b { return 211; } location = /a { return 212; } return 213; } location / { return 214; } }`, paths: PATHS },
  { name: 'three levels', http: `server { ${on} location / { location /a { location /a/b { location ~ c { return 211; } return 212; } return 213; } return 214; } }`, paths: PATHS },
  { name: 'proxied folder: the path without its slash', http: `server { ${on} location /a/ { proxy_pass http://127.0.0.1:9001; } location / { return 213; } }`, paths: PATHS },
  { name: 'proxied folder, and the exact path beside it', http: `server { ${on} location /a/ { proxy_pass http://127.0.0.1:9001; } location = /a { return 212; } location / { return 213; } }`, paths: PATHS },
  { name: 'proxied folder, and the prefix beside it', http: `server { ${on} location /a/ { proxy_pass http://127.0.0.1:9001; } location /a { return 212; } }`, paths: PATHS },
  { name: 'proxied folder and a regex', http: `server { ${on} location /a/ { proxy_pass http://127.0.0.1:9001; } location ~ ^/a$ { return 212; } }`, paths: PATHS },
  { name: 'proxied exact folder', http: `server { ${on} location = /a/ { proxy_pass http://127.0.0.1:9001; } location / { return 212; } }`, paths: PATHS },
  { name: 'nested proxied folder', http: `server { ${on} location /a { location /a/b/ { proxy_pass http://127.0.0.1:9001; } return 211; } }`, paths: PATHS },
  { name: 'a folder of files does not redirect', http: `server { ${on} location /a/ { } location / { return 212; } }`, paths: PATHS },
  { name: 'dots, slashes and escapes in the path', http: located('/', '= /a/b', '/a', '= /a'), paths: ['/a/../b', '/a/..', '/../a', '/a/b/../..', '/a//b', '/a/%2e%2e/b', '/%2e%2e/a', '/a%3Fb', '/a%23b', '/a#b', '/a%20b', '/%', '/%4', '/a%00', '/%zz', '/..a', '/a/...', '/a/.b', '/%25', '/a%2Fb', '/a;b', '/a\\b', 'http://x.example/a', 'http://x.example/a/b?c', 'http://x.example?x', 'http://x.example', '/a%c3%a9', '*'] },
  { name: 'a request line that is no path', http: located('/', '= /a'), paths: ['a', '', '?', '/a /b'] },
  { name: 'long paths', http: located('/', `/${'l'.repeat(300)}`, `/${'l'.repeat(200)}`), paths: [`/${'l'.repeat(300)}`, `/${'l'.repeat(299)}`, `/${'l'.repeat(200)}`, `/${'l'.repeat(199)}`] },
  { name: 'internal', http: `server { ${on} location /a { internal; return 211; } location / { return 212; } location /b { internal; proxy_pass http://127.0.0.1:9001; } }`, paths: PATHS },
  { name: 'internal is not inherited', http: `server { ${on} location /a { internal; location /a/b { return 211; } } location / { return 212; } }`, paths: PATHS },
]

const GUARDS: readonly Case[] = [
  { name: 'allow one network, deny all', http: guarded('allow 192.0.2.0/24; deny all;'), from: SOURCES, to: ['127.0.0.1 8080', '192.0.2.5 8080'] },
  { name: 'deny one, allow the rest', http: guarded('deny 192.0.2.77; allow all;'), from: SOURCES },
  { name: 'the first rule decides', http: guarded('deny 192.0.2.0/24; allow 192.0.2.5; deny all;'), from: SOURCES },
  { name: 'no rule covers the address', http: guarded('deny 192.0.2.77; allow 192.0.2.5;'), from: SOURCES },
  { name: 'only allows', http: guarded('allow 192.0.2.5;'), from: SOURCES },
  { name: 'bits beyond the length', http: guarded('allow 192.0.2.77/24; deny all;'), from: SOURCES },
  { name: 'everything as 0.0.0.0/0', http: guarded('deny 0.0.0.0/0;'), from: SOURCES },
  { name: 'halves', http: guarded('allow 128.0.0.0/1; deny all;'), from: SOURCES },
  { name: 'IPv6 rules and IPv4 rules', http: `server { listen [::]:8080; location / { allow 2001:db8::/33; deny all; proxy_pass http://127.0.0.1:9001; } }`, to: ['2001:db8::5 8080'], from: ['2001:db8::5', '2001:db8:1::9', '::1'] },
  { name: 'IPv4 rules do not cover IPv6', http: `server { listen [::]:8080; location / { allow 192.0.2.5; deny 0.0.0.0/0; proxy_pass http://127.0.0.1:9001; } }`, to: ['::1 8080'], from: ['::1', '2001:db8::5'] },
  { name: 'deny all covers IPv6', http: `server { listen [::]:8080; location / { allow 192.0.2.5; deny all; proxy_pass http://127.0.0.1:9001; } }`, to: ['::1 8080'], from: ['::1', '2001:db8::5'] },
  { name: 'IPv4 rules on a dual-stack socket', http: `server { listen [::]:8080 ipv6only=off; location / { allow 192.0.2.5; deny 127.0.0.0/8; proxy_pass http://127.0.0.1:9001; } }`, from: SOURCES },
  { name: 'inherited from the server', http: guarded('', 'allow 192.0.2.0/24; deny all;'), from: SOURCES },
  { name: 'inherited from http', http: guarded('', '', 'allow 192.0.2.0/24; deny all;'), from: SOURCES },
  { name: 'replaced as a whole', http: guarded('allow 127.0.0.2;', 'allow 192.0.2.0/24; deny all;'), from: SOURCES },
  { name: 'replaced by one deny', http: guarded('deny 127.0.0.2;', 'allow 192.0.2.0/24; deny all;'), from: SOURCES },
  { name: 'nested inherits', http: `server { ${on} location /a { deny 127.0.0.2; location /a/b { proxy_pass http://127.0.0.1:9001; } } }`, paths: ['/a', '/a/b'], from: SOURCES },
  { name: 'return comes before the guard', http: `server { ${on} location / { deny all; return 211; } }`, from: SOURCES },
  { name: 'return of the server comes before all', http: `server { ${on} deny all; return 211; location / { return 212; } }`, paths: PATHS },
  { name: 'files are guarded', http: `server { ${on} deny 127.0.0.1; }`, from: SOURCES },
  { name: 'a password', files: USERS, http: guarded('auth_basic "x"; auth_basic_user_file users;'), users: [true, false] },
  { name: 'a password without a file', http: guarded('auth_basic "x";'), users: [true, false] },
  { name: 'a file without a realm', files: USERS, http: guarded('auth_basic_user_file users;'), users: [true, false] },
  { name: 'a password switched off', files: USERS, http: guarded('auth_basic off;', 'auth_basic "x"; auth_basic_user_file users;'), users: [true, false] },
  { name: 'a password, its file from outside', files: USERS, http: guarded('auth_basic "x";', 'auth_basic_user_file users;'), users: [true, false] },
  { name: 'both', files: USERS, http: guarded('allow 192.0.2.0/24; deny all; auth_basic "x"; auth_basic_user_file users;'), from: SOURCES, users: [true, false] },
  { name: 'either', files: USERS, http: guarded('satisfy any; allow 192.0.2.0/24; deny all; auth_basic "x"; auth_basic_user_file users;'), from: SOURCES, users: [true, false] },
  { name: 'either, and no rule for some addresses', files: USERS, http: guarded('satisfy any; allow 192.0.2.5; deny 192.0.2.77; auth_basic "x"; auth_basic_user_file users;'), from: SOURCES, users: [true, false] },
  { name: 'either, inherited', files: USERS, http: guarded('deny all;', 'satisfy any; auth_basic "x"; auth_basic_user_file users;'), from: SOURCES, users: [true, false] },
  { name: 'either of one', http: guarded('satisfy any; deny 127.0.0.1;'), from: SOURCES },
  { name: 'either of none that decides', http: guarded('satisfy any; allow 192.0.2.5;'), from: SOURCES },
  { name: 'other methods', http: guarded('limit_except GET { deny all; }'), methods: ['GET', 'HEAD', 'POST', 'OPTIONS'] },
  { name: 'other methods by address', http: guarded('limit_except GET POST { allow 192.0.2.5; deny all; }'), methods: ['GET', 'POST', 'DELETE', 'PUT'], from: SOURCES },
  { name: 'other methods inherit', http: guarded('limit_except POST { }', 'deny 127.0.0.1;'), methods: ['GET', 'HEAD', 'POST'], from: SOURCES },
  { name: 'other methods replace', http: guarded('deny 192.0.2.5; limit_except GET { deny 127.0.0.1; }'), methods: ['GET', 'POST'], from: SOURCES },
]

const ANSWERS: readonly Case[] = [
  { name: 'return with a status, a text, an address', http: `server { ${on} location /a { return 418; } location /b { return 301 https://example.com/b; } location / { return 211 "text"; } location /zz { return https://example.com/zz; } location /x.png { return 444; } }`, paths: PATHS },
  { name: 'return of the server', http: `server { ${on} return 301 https://example.com/; location / { return 211; } }`, paths: PATHS },
  { name: 'rewrite to another location', http: `server { ${on} location /a { rewrite ^ /b/c last; } location /b { return 211; } location / { return 212; } }`, paths: PATHS },
  { name: 'rewrite without a flag', http: `server { ${on} location /a { rewrite .* /b/c; } location /b { return 211; } location / { return 212; } }`, paths: PATHS },
  { name: 'rewrite of the server', http: `server { ${on} rewrite ^ /b; location /a { return 211; } location /b { return 212; } location / { return 213; } }`, paths: PATHS },
  { name: 'rewrite and stay', http: `server { ${on} location /a { rewrite ^ /b break; return 211; } location / { return 212; } }`, paths: PATHS },
  { name: 'rewrite away', http: `server { ${on} location /a { rewrite ^ https://example.com/; } location /b { rewrite ^ /x permanent; } location / { rewrite ^ /y redirect; } }`, paths: PATHS },
  { name: 'rewrite in a ring', http: `server { ${on} location /a { rewrite ^ /b last; } location /b { rewrite ^ /a last; } }`, paths: ['/a', '/b'] },
  { name: 'rewrite to an internal location', http: `server { ${on} location /a { rewrite ^ /b last; } location /b { internal; return 211; } }`, paths: ['/a', '/b'] },
  { name: 'break before return', http: `server { ${on} location /a { break; return 211; } location / { return 212; break; } }`, paths: ['/a', '/b'] },
  { name: 'error page in a named location', http: `server { ${on} location /a { deny all; error_page 403 = @other; } location @other { proxy_pass http://127.0.0.1:9002; } location / { return 212; } }`, paths: ['/a', '/b'] },
  { name: 'error page by path, guarded there', http: `server { ${on} location /a { deny all; error_page 403 /b; } location /b { allow all; proxy_pass http://127.0.0.1:9002; } }`, paths: ['/a', '/b'] },
  { name: 'error page for a returned status', http: `server { ${on} error_page 418 = @tea; location /a { return 418; } location @tea { proxy_pass http://127.0.0.1:9003; } location / { return 212; } }`, paths: ['/a', '/b'] },
  { name: 'error page in an internal location', http: `server { ${on} location /a { return 418; error_page 418 = /i; } location /i { internal; proxy_pass http://127.0.0.1:9003; } }`, paths: ['/a', '/i'] },
  { name: 'error page of another status', http: `server { ${on} error_page 404 = @x; location /a { deny all; } location @x { return 211; } }`, paths: ['/a'] },
  { name: 'error page not inherited where another is set', http: `server { ${on} error_page 403 = @x; location /a { error_page 500 = @x; deny all; } location /b { deny all; } location @x { proxy_pass http://127.0.0.1:9004; } }`, paths: ['/a', '/b'] },
  { name: 'a missing named location', http: `server { ${on} location /a { return 418; error_page 418 = @gone; } }`, paths: ['/a'] },
  { name: 'a page of its own', http: `server { ${on} location /a { stub_status; } location / { return 211; } }`, paths: PATHS },
  { name: 'internal met by an error page', http: `server { ${on} error_page 404 = @nope; location /a { internal; } location @nope { proxy_pass http://127.0.0.1:9005; } location / { return 211; } }`, paths: ['/a', '/b'] },
]

const PASSES: readonly Case[] = [
  { name: 'to an address', http: located('/ { proxy_pass http://127.0.0.1:9001; }', '/a { proxy_pass http://localhost:9002; }'), paths: PATHS },
  { name: 'with a path', http: `server { ${on} location /a/ { proxy_pass http://127.0.0.1:9001/z/; } location / { proxy_pass http://127.0.0.1:9002; } }`, paths: PATHS },
  { name: 'to a group', http: `upstream g { server 127.0.0.1:9001; server 127.0.0.1:9002; } server { ${on} location / { proxy_pass http://g; } }`, paths: PATHS },
  { name: 'to a group defined later, in another case', http: `server { ${on} location / { proxy_pass http://G; } } upstream g { server 127.0.0.1:9003; }`, paths: ['/'] },
  { name: 'a back end that is down', http: `upstream g { server 127.0.0.1:9001 down; server 127.0.0.1:9002; server 127.0.0.1:9003 backup; } server { ${on} location / { proxy_pass http://g; } }`, paths: ['/', '/a'] },
  { name: 'by a variable of the server', http: `server { ${on} set $to 127.0.0.1:9004; location / { proxy_pass http://$to; } }`, paths: ['/', '/a'] },
  { name: 'by a variable that names a group', http: `upstream g { server 127.0.0.1:9005; } server { ${on} set $to g; location / { proxy_pass http://$to; } }`, paths: ['/', '/a'] },
  { name: 'by a map', http: `map $host $to { a 127.0.0.1:9001; b 127.0.0.1:9002; default 127.0.0.1:9003; } server { ${on} location / { proxy_pass http://$to; } }`, hosts: ['a', 'b', 'c'] },
  { name: 'by a map of a map', http: `map $host $one { a x; default y; } map $one $to { x 127.0.0.1:9001; y 127.0.0.1:9002; } server { ${on} location / { proxy_pass http://$to; } }`, hosts: ['a', 'b'] },
  { name: 'by geo', http: `geo $to { default 127.0.0.1:9001; 192.0.2.0/24 127.0.0.1:9002; } server { ${on} location / { proxy_pass http://$to; } }`, from: SOURCES },
  { name: 'by a share', http: `split_clients $request_uri $to { 50% 127.0.0.1:9001; * 127.0.0.1:9002; } server { ${on} location / { proxy_pass http://$to; } }`, paths: PATHS },
  { name: 'an address and a path of the request', http: `server { ${on} location / { proxy_pass http://127.0.0.1:9006$request_uri; } }`, paths: ['/', '/a', '/a?b'] },
  { name: 'nested locations do not inherit it', http: `server { ${on} location /a { proxy_pass http://127.0.0.1:9001; location /a/b { } location ~ png { return 212; } } }`, paths: PATHS },
  { name: 'limited methods do inherit it', http: `server { ${on} location / { proxy_pass http://127.0.0.1:9001; limit_except GET { allow all; } } }`, methods: ['GET', 'POST'] },
  { name: 'from a named location', http: `server { ${on} location / { error_page 418 = @app; return 418; } location @app { proxy_pass http://127.0.0.1:9007; } }`, paths: ['/', '/a'] },
  { name: 'nobody there', http: `server { ${on} location / { proxy_pass http://127.0.0.1:9999; } }`, paths: ['/'] },
  { name: 'the last handler of a location', http: `server { ${on} location / { stub_status; proxy_pass http://127.0.0.1:9001; } }`, paths: ['/'] },
  { name: 'an IPv6 back end in words', http: `upstream six { server [::1]:9999; server 127.0.0.1:9001; } server { ${on} location / { proxy_pass http://six; } }`, paths: ['/'] },
]

const FILES: readonly Case[] = [
  { name: 'include of one file', http: 'include one.conf;', files: { 'one.conf': `server { ${on} return 211; }` } },
  { name: 'include by pattern, in order', http: 'include sites/*;', files: { 'sites/b': `server { ${on} return 212; }`, 'sites/a': `server { ${on} return 211; }`, 'sites/C': `server { ${on} return 213; }`, 'sites/.hidden': `server { ${on} return 214; }` } },
  { name: 'include by pattern with no match', http: `include none/*.conf; server { ${on} return 211; }` },
  { name: 'include in a server, relative to the main file', http: 'include sites/a;', files: { 'sites/a': `server { ${on} include parts/x.inc; }`, 'parts/x.inc': 'location /a { return 211; } include parts/y.inc;', 'parts/y.inc': 'return 212;' }, paths: ['/a', '/b'] },
  { name: 'include twice', http: `server { ${on} location /a { include p; } location /b { include p; } }`, files: { p: 'deny 127.0.0.1; proxy_pass http://127.0.0.1:9001;' }, paths: ['/a', '/b', '/c'], from: SOURCES },
  { name: 'include in a map and an upstream', http: `map $host $to { include m; } upstream g { include u; } server { ${on} location / { proxy_pass http://$to; } }`, files: { m: 'a g; default 127.0.0.1:9002;', u: 'server 127.0.0.1:9001;' }, hosts: ['a', 'b'] },
  { name: 'a character class in a pattern', http: 'include s/[ab]?.conf;', files: { 's/a1.conf': `server { ${on} server_name a; return 211; }`, 's/b1.conf': `server { ${on} server_name b; return 212; }`, 's/c1.conf': `server { ${on} server_name c; return 213; }` }, hosts: ['a', 'b', 'c'] },
  { name: 'quotes, escapes and comments', http: `# server { ${on} return 200; }\nserver {${on}server_name "a" 'b' c\\d; "location" "/a" {return 211;}location '/b c' { return 212 ; } # }\n location /\\a { return 213; } location "/q\\"" { return 214; } return 215 ; }\nserver { listen 8081; server_name x#y; location /a#b { return 216; } location / { return 217; } }`, hosts: ['a', 'b', 'c'], paths: ['/a', '/b%20c'], to: ['127.0.0.1 8080', '127.0.0.1 8081'] },
  { name: 'a location with a quote and a brace', http: `server { ${on} location ~ "^/a{1,2}$" { return 211; } location "/b{c}" { return 212; } location / { return 213; } }`, paths: ['/a', '/aa', '/aaa', '/b{c}', '/b'] },
  { name: 'lines end with CR LF', http: `server {\r\n  ${on}\r\n  location /a {\r\n return 211;\r\n }\r\n return 212;\r\n}\r\n`, paths: ['/a', '/b'] },
]

export const CASES: readonly Case[] = [...SERVERS, ...LOCATIONS, ...GUARDS, ...ANSWERS, ...PASSES, ...FILES]

/** Each of these nginx refuses to load. */
export const REFUSED: Readonly<Record<string, string>> = {
  'no closing brace': `server { ${on}`,
  'a closing brace too many': `server { ${on} } }`,
  'no semicolon': `server { ${on} return 200 }`,
  'no semicolon before a line': `server { ${on} location / { proxy_pass http://127.0.0.1:1\n proxy_set_header Host x; } }`,
  'a quote that is not closed': `server { ${on} return 200 "x; }`,
  'text after a quote': `server { ${on} return 200 "x"y; }`,
  'a semicolon alone': `server { ${on} ; }`,
  'a brace alone': `server { ${on} { } }`,
  'a missing file': 'include gone.conf;',
  'an unknown directive': `server { ${on} frobnicate on; }`,
  'a server in a server': `server { ${on} server { } }`,
  'a location in http': 'location / { }',
  'an upstream in a server': `server { ${on} upstream u { server 127.0.0.1; } }`,
  'listen in http': 'listen 8080;',
  'listen to a port beyond the last': 'server { listen 70000; }',
  'listen with an unknown parameter': 'server { listen 8080 sll; }',
  'listen to an address that is none': 'server { listen [::g]:80; }',
  'listen to a URL': 'server { listen http://127.0.0.1; }',
  'listen to a range backwards': 'server { listen 9000-8000; }',
  'listen to nothing': 'server { listen; }',
  'listen to port 0': 'server { listen 0; }',
  'a name with two stars': `server { ${on} server_name *.a.*; } server { ${on} }`,
  'a star inside a name': `server { ${on} server_name a.*.b; } server { ${on} }`,
  'a name with two dots': `server { ${on} server_name a..b; } server { ${on} }`,
  'a pass without a scheme': `server { ${on} location / { proxy_pass 127.0.0.1:1; } }`,
  'a pass in a server': `server { ${on} proxy_pass http://127.0.0.1:1; }`,
  'a pass without a block end': `server { ${on} location / { proxy_pass http://127.0.0.1:1 { } } }`,
  'allow a host name': `server { ${on} allow office.example.com; }`,
  'allow two at once': `server { ${on} allow 192.0.2.1 192.0.2.2; }`,
  'a location without a path': `server { ${on} location { } }`,
  'a location with an unknown modifier': `server { ${on} location ! /a { } }`,
  'a prefix in a regex': `server { ${on} location ~ ^/a { location /a/b { } } }`,
  'a location outside the one around it': `server { ${on} location /a { location /b { } } }`,
  'a location in an exact one': `server { ${on} location = /a { location /a/b { } } }`,
  'a named location in a location': `server { ${on} location / { location @a { } } }`,
  'a location without a block': `server { ${on} location /a; }`,
  'a word that is too long': `server { ${on} return 200 ${'x'.repeat(5000)}; }`,
  'an include of two files': 'include a b;',
  'an upstream without a name': 'upstream { server 127.0.0.1; }',
  'if without a block': `server { ${on} if ($host = a); }`,
  'a header without a value': `server { ${on} proxy_set_header Host; }`,
}
