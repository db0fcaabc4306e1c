import type { Case } from './cases/case.ts'

/** Configurations made up from a seed: servers with names, locations in one another, guards. The same seed makes the same ones. */
export function randomCases(seed: number, count: number): readonly Case[] {
  return Array.from({ length: count }, (_, index) => new Maker(seed * 100_003 + index).make(`random ${seed}/${index}`))
}

const SEGMENTS = ['a', 'b', 'ab', 'a.php']
const NAMES = [
  'a',
  'example.com',
  '*.example.com',
  '.example.com',
  'www.example.*',
  'example.*',
  'www.example.com',
  '~^www',
  '~\\.com$',
  '""',
  '*.com',
  'x.www.example.com',
]
const HOSTS = ['a', 'example.com', 'www.example.com', 'x.www.example.com', 'example.org', '', 'com']
const REGEXES = ['^/a', 'b$', '\\.php$', '/ab?/', '^/b/']
const RANGES = ['127.0.0.1', '127.0.0.0/8', '192.0.2.0/24', '192.0.2.77', 'all']

class Maker {
  #state: number
  #status = 210

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e37_79b1)
    for (let round = 0; round < 8; round++) this.#below(2)
  }

  make(name: string): Case {
    const servers = Array.from({ length: 1 + this.#below(4) }, () => this.#server())
    return {
      name,
      http: servers.join('\n'),
      files: { users: 'u:{PLAIN}p\n' },
      to: ['127.0.0.1 8080', '192.0.2.5 8080'],
      hosts: this.#some(HOSTS, 3),
      paths: Array.from({ length: 8 }, () => this.#path()),
      from: this.#some(['127.0.0.1', '192.0.2.77', '198.51.100.7'], 2),
      users: [this.#below(2) === 0],
    }
  }

  /** Marsaglia's xorshift, 32 bits. */
  #below(limit: number): number {
    let state = this.#state | 1
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return (state >>> 0) % limit
  }

  #pick(from: readonly string[]): string {
    return from[this.#below(from.length)] ?? ''
  }

  #some(from: readonly string[], count: number): readonly string[] {
    return [...new Set(Array.from({ length: count }, () => this.#pick(from)))]
  }

  #server(): string {
    const listen = this.#pick(['listen 8080;', 'listen 8080;', 'listen 192.0.2.5:8080; listen 8080;'])
    const names = this.#some(NAMES, this.#below(3))
    return `server { ${listen} ${names.length > 0 ? `server_name ${names.join(' ')};` : ''} ${this.#guards()} ${this.#locations('', 0)} }`
  }

  /** In a regex (`prefix` absent) only regexes can stand. */
  #locations(prefix: string | undefined, depth: number): string {
    const seen = new Set<string>()
    const count = depth === 0 ? 1 + this.#below(5) : this.#below(3)
    return Array.from({ length: count }, () => {
      const path = (prefix ?? '') + this.#path()
      const [head, key, nests] = this.#head(path, prefix === undefined ? 2 + this.#below(2) : this.#below(6))
      if (seen.has(key)) return ''
      seen.add(key)
      return `location ${head} { ${this.#guards()} ${this.#content()} ${nests && depth < 2 ? this.#locations(head.startsWith('~') ? undefined : path, depth + 1) : ''} }`
    }).join('\n')
  }

  /** The words of a location, what may not come twice, and whether others may stand in it. */
  #head(path: string, kind: number): readonly [string, string, boolean] {
    switch (kind) {
      case 0:
        return [`= ${path}`, `= ${path}`, false]
      case 1:
        return [`^~ ${path}`, path, true]
      case 2:
        return [`~ ${this.#pick(REGEXES)}`, `${this.#state}`, true]
      case 3:
        return [`~* ${this.#pick(REGEXES)}`, `${this.#state}`, true]
      default:
        return [path, path, true]
    }
  }

  #path(): string {
    const parts = Array.from({ length: this.#below(4) }, () => this.#pick(SEGMENTS))
    return `/${parts.join('/')}${parts.length > 0 && this.#below(3) === 0 ? '/' : ''}`
  }

  #content(): string {
    this.#status++
    return this.#pick([
      `return ${this.#status};`,
      `proxy_pass http://127.0.0.1:${9001 + this.#below(12)};`,
      '',
      'internal; return 299;',
      'error_page 403 = @gone; proxy_pass http://127.0.0.1:9001;',
      'rewrite ^ /b last;',
    ])
  }

  #guards(): string {
    const rules = Array.from({ length: this.#below(3) }, () => `${this.#pick(['allow', 'deny'])} ${this.#pick(RANGES)};`)
    return this.#pick([
      '',
      '',
      rules.join(' '),
      `satisfy any; auth_basic "x"; auth_basic_user_file users; ${rules.join(' ')}`,
      'auth_basic "x"; auth_basic_user_file users;',
      'auth_basic off;',
      'satisfy all;',
    ])
  }
}
