import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FUZZ } from '../../../test/fuzz.ts'
import type { ServiceRow } from '../join/service.ts'
import type { MeaningContext } from './context.ts'
import { meaningOf } from './meaning.ts'
import { movePort } from './move.ts'
import { occurrencesOf } from './text.ts'

/** Without parsers every language has `#` comments, which is enough here. */
const tools = { parseSource: () => undefined }

const CONTEXT: MeaningContext = {
  names: {
    hosts: new Set(['192.0.2.10', '2001:db8::10', 'voice.example.com']),
    containers: new Set(['voice']),
    services: new Set(['voice']),
    hostVariables: new Set(['HOST', 'API_HOST']),
    portVariables: new Set(['PORT', 'API_PORT']),
  },
  own: [],
  others: [],
  surroundings: () => 'machine',
  inner: 'none',
  manifest: undefined,
  structured: false,
  isPolicy: false,
  otherEnvironment: undefined,
  docs: false,
}

const meanings = (path: string, text: string, context: Partial<MeaningContext> = {}) =>
  occurrencesOf(path, text, 8000, tools).map((occurrence) => meaningOf(occurrence, { ...CONTEXT, ...context }).kind)

describe('V8 · what a number means', () => {
  it.each([
    ['.env', 'PORT=8000'],
    ['.env', 'export API_PORT="8000"'],
    ['start.sh', 'exec serve --port "${PORT:-8000}"'],
    ['start.sh', ': "${PORT:=8000}"'],
    ['a.js', 'const port = Number(process.env.PORT || 8000)'],
    ['a.js', "const port = parseInt(process.env['PORT'] ?? '8000', 10)"],
    ['a.py', 'port = int(os.getenv("PORT", "8000"))'],
    ['a.py', 'port = os.environ.get("PORT") or 8000'],
    ['a.json', '{ "PORT": "8000" }'],
    ['a.js', "fetch('http://localhost:8000/health')"],
    ['a.js', 'ws://127.0.0.1:8000'],
    ['a.yml', 'url: http://[::1]:8000/'],
    ['a.yml', 'url: "http://[2001:db8::10]:8000/"'],
    ['a.yml', 'url: http://user:word@192.0.2.10:8000/'],
    ['a.sh', 'curl http://voice.example.com:8000/health'],
    ['a.sh', 'curl "http://${HOST}:8000/"'],
    ['a.sh', 'wait-for-it.sh localhost:8000'],
    ['a.conf', 'server 127.0.0.1:8000;'],
    ['a.sh', 'nc -z localhost 8000'],
    ['a.sh', 'kill $(lsof -ti :8000)'],
    ['a.sh', 'fuser -k 8000/tcp'],
    ['a.sh', "ss -ltn 'sport = :8000'"],
    ['package.json', '"wait": "wait-on tcp:8000 && npm test"'],
    ['package.json', '"wait": "wait-on --timeout 5000 tcp:8000"'],
    ['package.json', '"e2e": "start-server-and-test start :8000 test"'],
    ['package.json', '"share": "lt --port 8000"'],
    ['ci.yml', 'run: npx wait-port 8000'],
    ['compose.yml', 'test: ["CMD", "nc", "-z", "localhost", "8000"]'],
    ['a.js', "request({ hostname: 'localhost', port: 8000 })"],
    ['a.cfg', '  server web 127.0.0.1:8001 check port 8000'],
    ['a.sh', 'iptables -A INPUT -p tcp --dport 8000 -j ACCEPT'],
    ['a.sh', 'ssh -L 9000:localhost:8000 user@example.com'],
    ['.env', 'CORS_ORIGINS=http://192.168.1.100:8000'],
    ['a.yml', 'url: http://voice:8000'],
  ])('%s: `%s` is the port', (path, text) => {
    expect(meanings(path, text)).toEqual(['port'])
  })

  it.each([
    ['.env', 'TIMEOUT_MS=8000'],
    ['.env', 'BILLING_PORT=8000'],
    ['a.js', 'setTimeout(retry, 8000)'],
    ['a.js', 'const rate = 8000'],
    ['a.py', 'timeout = int(os.getenv("CALL_TIMEOUT", "8000"))'],
    ['a.sh', 'curl http://192.0.2.50:8000/'],
    ['a.sh', 'curl http://billing.example.com:8000/'],
    ['a.sh', 'curl "http://${BILLING_HOST}:8000/"'],
    ['a.sh', 'iptables -A INPUT -p tcp --dport 8000 -j DROP'],
    ['package.json', '"wait": "wait-on --timeout 8000 tcp:9000"'],
    ['package.json', '"wait": "wait-on --interval=8000 tcp:9000"'],
    ['a.js', "request({ hostname: 'billing.example.com', port: 8000 })"],
    ['a.cfg', '  server db 192.0.2.50:8001 check port 8000'],
    ['a.txt.yaml', 'format: mm ss 8000'],
    ['a.sh', 'head -c 8000 /dev/zero'],
    ['a.sh', '# PORT=8000'],
    ['a.yml', 'a: 1 # http://localhost:8000'],
    ['README.md', 'http://localhost:8000'],
    ['a.js', '{ kill_timeout:8000 }'],
    ['.env', 'OTHER_ORIGIN_LIMIT=8000'],
  ])('%s: `%s` is not', (path, text) => {
    expect(meanings(path, text)).toEqual(['other'])
  })

  it.each(['180000', '8000.5', '0.8000', '8000ms', 'v8000', '80001'])('%s is another number or word', (text) => {
    expect(meanings('.env', `PORT=${text}`)).toEqual([])
  })

  it('what is known to be of another service, another container or another environment stays', () => {
    const others = [{ path: '.env', start: 0, end: 9, role: 'variable', service: 'billing' }] as const
    expect(meanings('.env', 'PORT=8000', { others })).toEqual(['other'])
    expect(meanings('.env', 'PORT=8000', { others, own: others })).toEqual(['port'])
    expect(meanings('.env', 'PORT=8000', { otherEnvironment: 'production' })).toEqual(['other'])
    expect(meanings('a.yml', 'http://localhost:8000', { surroundings: () => 'other container' })).toEqual(['other'])
    expect(meanings('a.yml', 'PORT: 8000', { structured: true })).toEqual(['other'])
    expect(meanings('a.yaml', 'origins: ["http://localhost:8000"]', { isPolicy: true })).toEqual(['other'])
  })

  it('what the readers know to be the port is, whatever stands around it', () => {
    const own = [{ path: 'a.py', start: 0, end: 20, role: 'port' }] as const
    expect(meanings('a.py', 'serve(app, 8000)', { own })).toEqual(['port'])
    expect(meanings('a.py', 'serve(app, 8000)')).toEqual(['other'])
  })

  it('of a published port this machine’s side moves, and the container’s where what listens there does', () => {
    const text = '"127.0.0.1:8000:8000"'
    const place = { path: 'compose.yml', start: 0, end: text.length, role: 'published port' } as const
    expect(meanings('compose.yml', text, { own: [place], structured: true })).toEqual(['port', 'other'])
    expect(meanings('compose.yml', text, { own: [place, { ...place, role: 'container port' }], structured: true })).toEqual([
      'port',
      'port',
    ])
  })
})

const ROW: ServiceRow = {
  name: 'voice',
  declared: undefined,
  now: [],
  next: [],
  planned: [],
  launches: [],
  processes: [],
  container: undefined,
  compose: undefined,
  containers: [],
  fronts: [],
  possibleFronts: [],
  links: [],
}

const PIECES = fc.constantFrom(
  ...['8000', ':8000', 'PORT=', 'PORT:-', 'http://', 'localhost:', '${', '}', '"', "'", '`', '#', '//', '\n', '\r\n', ' ', '[', ']', '@'],
  ...['--dport ', '-j ACCEPT', 'lsof ', 'ss ', 'EXPOSE ', 'CORS=', 'a', '.', '-', '\\', '\u2028', '😀', '=', '||', ',', '(', '?'],
)

it('V8 · whatever the text, only the number is ever changed, and nothing throws', () => {
  const paths = fc.constantFrom(
    '.env',
    'a.sh',
    'a.js',
    'a.py',
    'Dockerfile',
    'compose.yml',
    'a.conf',
    'README.md',
    'Makefile',
    'package.json',
  )
  fc.assert(
    fc.property(paths, fc.array(PIECES, { maxLength: 60 }), fc.boolean(), (path, pieces, docs) => {
      const text = pieces.join('')
      const { edits, changed, left } = movePort({
        evidence: [],
        policy: undefined,
        rows: [ROW],
        row: ROW,
        from: 8000,
        to: 9847,
        files: new Map([[path, text]]),
        built: new Set(),
        environment: undefined,
        otherEnvironments: new Map(),
        docs,
        tools,
      })
      for (const edit of edits) expect(text.slice(edit.start, edit.end)).toBe('8000')
      expect(new Set(edits.map(({ start }) => start)).size).toBe(edits.length)
      // Every place that has the number is accounted for.
      expect(changed.length + left.length).toBe([...text.matchAll(/(?<![\w.])8000(?!\w|\.\d)/g)].length)
    }),
    { numRuns: Math.max(2000, FUZZ / 10), seed: 20260111 },
  )
})

it('hostile lines take no long', () => {
  for (const piece of ['http://', 'a.', ' :8000', '"', '${', 'ss ', 'ufw allow ', '8000 ', 'PORT=8000,', '8000:'])
    expect(meanings('a.sh', piece.repeat(200_000 / piece.length)).length).toBeLessThanOrEqual(501)
})
