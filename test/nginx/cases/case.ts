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

export const on = 'listen 8080;'
export const USERS = { users: 'u:{PLAIN}p\n' }
export const PATHS = [
  '/',
  '/a',
  '/a/',
  '/a/b',
  '/ab',
  '/A',
  '/a/b/c',
  '/a.php',
  '/a/b.php',
  '/b',
  '/b/',
  '/b/c.PHP',
  '/x.png',
  '/a/x.png',
  '/zz/../a',
  '//a',
  '/%61',
  '/a%2fb',
  '/a/./b',
  '/a?b=c',
]
export const NAMES = [
  'example.com',
  'EXAMPLE.com',
  'www.example.com',
  'a.www.example.com',
  'example.com.',
  'example.com:8080',
  'example.org',
  'mail.example.net',
  'mail.x',
  'x',
  '127.0.0.1',
  '[::1]',
  'www.example.co.uk',
  '',
  null,
  '_',
  'com',
  'example',
  'xexample.com',
]
export const SOURCES = ['127.0.0.1', '127.0.0.2', '192.0.2.5', '192.0.2.77', '198.51.100.7']

/** Servers, one status each, on port 8080. */
export const named = (...names: readonly string[]): string =>
  names.map((name, index) => `server { ${on} ${name === '-' ? '' : `server_name ${name};`} return ${211 + index}; }`).join('\n')
export const located = (...locations: readonly string[]): string =>
  `server { ${on} ${locations.map((location, index) => (location.includes('{') ? `location ${location}` : `location ${location} { return ${211 + index}; }`)).join('\n')} }`
export const guarded = (directives: string, server = '', http = ''): string =>
  `${http} server { ${on} ${server} location / { ${directives} proxy_pass http://127.0.0.1:9001; } }`
