/** Policies for nginx, made from a seed, and what they mean: computed from how they were made, and not by the writer or a reader. */
export interface DoorsCase {
  readonly policy: string
  readonly probes: readonly DoorsProbe[]
}

export interface DoorsProbe {
  readonly port: number
  /** With TLS. */
  readonly encrypted: boolean
  readonly host: string
  readonly path: string
  readonly source: string
  /** The port that the request comes to behind nginx; `refused`: no connection, or no answer; a status where nginx itself answers. */
  readonly means: number | 'refused' | 'denied' | `redirect ${string}`
}

/** Whoever asks comes from one of these; the first is in `office`. */
const SOURCES = ['192.0.2.77', '192.0.2.78'] as const
export const UPSTREAMS: readonly number[] = [7001, 7002, 7003, 7004, 7005, 7006]
const OFFICE = '192.0.2.77/32'
const NAMES = ['a.example.com', 'b.example.com', 'c.example.org', '*.example.net'] as const
const PATHS = [
  '/',
  '/api',
  '/api/',
  '/api/v1',
  '/billing/',
  '/b',
  '/static/css',
  '/caf%C3%A9',
  "/o'brien",
  '/a.b',
  '/$x',
  '/q;r',
  '/{z}',
  '/"',
] as const
const PORTS = [443, 8443, 8080, 9000] as const

/** xorshift32. */
class Random {
  #state: number

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 2_654_435_761) | 1
  }

  below(count: number): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) % count
  }

  is(one: number, of: number): boolean {
    return this.below(of) < one
  }

  some<T>(all: readonly T[], count: number): readonly T[] {
    const left = [...all]
    return Array.from({ length: Math.min(count, all.length) }, () => left.splice(this.below(left.length), 1)[0] as T)
  }
}

interface MadeDoor {
  readonly name: string
  readonly port: number
  readonly encrypted: boolean
  readonly domains: readonly string[]
  readonly from: 'internet' | 'office' | 'loopback'
  readonly routes: ReadonlyMap<string, number>
}

export function randomDoors(seed: number): DoorsCase {
  const random = new Random(seed)
  const ports = random.some(PORTS, 1 + random.below(3))
  const names = random.some(NAMES, NAMES.length)
  const doors = ports.map((port, index): MadeDoor => {
    const encrypted = port === 443 || random.is(1, 2)
    const count = encrypted ? 1 : random.below(2)
    const from = (['internet', 'internet', 'office', 'loopback'] as const)[random.below(4)] ?? 'internet'
    const paths = random.some(PATHS, 1 + random.below(4))
    return {
      name: `door${index}`,
      port,
      encrypted,
      domains: names.slice(index, index + count),
      from,
      routes: new Map(paths.map((path) => [path, UPSTREAMS[random.below(UPSTREAMS.length)] ?? 7001])),
    }
  })
  const redirects = doors.some(({ encrypted }) => encrypted) && random.is(2, 3)
  const lines = [
    'version: 1',
    'name: random',
    `sources: { office: ${OFFICE} }`,
    'services:',
    ...(redirects ? ['  plain: { port: 80, from: internet }'] : []),
    ...doors.map(
      ({ name, port, encrypted, domains, from, routes }) =>
        `  ${name}: ${JSON.stringify({
          port,
          from,
          ...(domains.length === 0 ? {} : { domain: domains }),
          ...(encrypted ? { tls: { certificate: '/etc/tls/any.pem', key: '/etc/tls/any.key' } } : {}),
          routes: Object.fromEntries([...routes].map(([path, to]) => [path, `app${to}`])),
        })}`,
    ),
    ...UPSTREAMS.map((port) => `  app${port}: { port: ${port} }`),
    '',
  ]
  return { policy: lines.join('\n'), probes: probesOf(doors, redirects, random) }
}

const ASKED_PATHS = [
  '/',
  '/api',
  '/api/',
  '/api/x',
  '/apix',
  '/api/v1/x',
  '/billing',
  '/billing/y',
  '/b',
  '/b/',
  '/bc',
  '/static/css/a',
  '/static/cssx',
]
const ODD_PATHS = [
  '/caf%C3%A9',
  '/caf%c3%a9/x',
  "/o'brien/1",
  '/a.b',
  '/axb',
  '/$x',
  '/$x/1',
  '/q;r',
  '/%7Bz%7D/',
  '/%22',
  '/.sallyport/authorize',
  '/API',
]

function probesOf(doors: readonly MadeDoor[], redirects: boolean, random: Random): readonly DoorsProbe[] {
  const through = doors.flatMap((door) => {
    const { port, encrypted, domains, from } = door
    const hosts = [...domains.map((name) => name.replace('*', 'sub')), 'other.example.com']
    const paths = random.some([...ASKED_PATHS, ...ODD_PATHS, ...[...door.routes.keys()].filter((path) => !/["{}]/.test(path))], 8)
    return hosts.flatMap((host) =>
      paths.map((path): DoorsProbe => {
        const source = SOURCES[random.below(2)] ?? SOURCES[0]
        const isNamed = domains.length === 0 || host !== 'other.example.com'
        const isDenied = from === 'office' && source !== SOURCES[0]
        const there = destination(door.routes, path)
        // nginx adds the slash before it asks who it is; nothing behind it is told.
        const answered = typeof there === 'string' && there.startsWith('redirect ')
        const means = from === 'loopback' || !isNamed ? 'refused' : isDenied && !answered ? 'denied' : there
        return { port, encrypted, host, path, source, means }
      }),
    )
  })
  const plain = ['a.example.com', 'b.example.com', 'sub.example.net', 'other.example.com'].map((host): DoorsProbe => {
    const door = doors.find(({ encrypted, domains }) => encrypted && domains.some((name) => name.replace('*', 'sub') === host))
    const suffix = door === undefined || door.port === 443 ? '' : `:${door.port}`
    const means = !redirects || door === undefined ? 'refused' : (`redirect https://${host}${suffix}/x?y` as const)
    return { port: 80, encrypted: false, host, path: '/x?y', source: SOURCES[1], means }
  })
  const direct = UPSTREAMS.map(
    (port): DoorsProbe => ({ port, encrypted: false, host: 'a.example.com', path: '/', source: SOURCES[0], means: 'refused' }),
  )
  return [...through, ...plain, ...direct]
}

/** The longest path that is the request's, or stands above it. */
function destination(routes: ReadonlyMap<string, number>, asked: string): DoorsProbe['means'] {
  const path = decodeURIComponent(asked)
  const fits = [...routes].filter(([route]) => {
    const prefix = decodeURIComponent(route)
    return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)
  })
  const [, to] = fits.toSorted(([a], [b]) => decodeURIComponent(b).length - decodeURIComponent(a).length)[0] ?? []
  if (routes.has(`${path}/`) && !routes.has(path)) return `redirect ${asked}/`
  return to ?? 'denied'
}
