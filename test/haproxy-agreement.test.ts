import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evidenceOf } from '@sallyport/core/evidence'
import { goldenProxy } from '../packages/core/test/golden-proxies.ts'
import { actionOf, isKnown } from '../packages/core/src/systems/haproxy/keywords.ts'
import { readHaproxy } from '../packages/core/src/systems/haproxy/read.ts'
import { snapshotOf } from '../packages/core/src/systems/nginx/dump.ts'
import { HAPROXY_CASES } from './proxy-sockets/haproxy.ts'
import { HAPROXY_REQUESTS, isSame, predictedStatuses } from './proxy-sockets/requests.ts'
import { type Program, predicted, refusal, runReal, type SocketResult, whyNot } from './proxy-sockets/real.ts'

const PATH = '/usr/sbin/haproxy'

const HAPROXY: Program = {
  path: PATH,
  // A folder that is not there is no file of the configuration.
  check: () => ['sh', '-c', `${PATH} -c -f haproxy.cfg $(test -d conf.d && echo -f conf.d)`],
  command: () => ['sh', '-c', `exec ${PATH} -db -f haproxy.cfg $(test -d conf.d && echo -f conf.d)`],
  ready: '',
}

const reason = whyNot(HAPROXY)
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`HAProxy has to be tried, and cannot: ${reason}`)
if (reason !== undefined) console.warn(`skipped, nothing is compared with HAProxy: ${reason}`)

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

describe.skipIf(reason !== undefined)('C3 · the sockets that are read from its configuration and those that HAProxy opens', () => {
  let results: readonly SocketResult[] = []
  beforeAll(() => {
    results = runReal(HAPROXY, HAPROXY_CASES)
  }, 300_000)
  afterAll(() => {
    console.log(
      `HAProxy: ${results.length} configurations, ${results.flatMap((each) => (each.accepted ? each.sockets : [])).length} sockets compared`,
    )
  })

  test('there are enough', () => expect(HAPROXY_CASES.length).toBeGreaterThanOrEqual(25))

  for (const [index, each] of HAPROXY_CASES.entries())
    test(each.name, () => {
      const result = results[index]
      if (result?.accepted !== true) throw new Error(`HAProxy refuses it: ${result?.message}`)
      const { evidence } = readHaproxy(snapshotOf([each.main], new Map(Object.entries(each.files)), CONTEXT))
      expect(evidenceOf(evidence, 'gap').map(({ claim }) => claim.what)).toEqual([])
      expect(predicted(evidenceOf(evidence, 'proxy').flatMap(({ claim }) => claim.servers))).toEqual(result.sockets.map(withoutDevice))
    })
})

/** Of a socket that is bound to an interface the reader tells its address: more than it takes, and nothing less. */
function withoutDevice(socket: string): string {
  return socket.replace(/%[^:]*/, '')
}

describe.skipIf(reason !== undefined)('HAProxy takes what the golden cases are read from', () => {
  const golden = new URL('../packages/core/src/systems/haproxy/golden/', import.meta.url)
  // The others hold mistakes.
  test.each(['basic.txt', 'tcp.txt'])('%s', (name) => {
    const { inputs } = goldenProxy(readFileSync(new URL(name, golden), 'utf8'))
    const text = (inputs.get('haproxy.cfg') ?? '')
      .replaceAll('/etc/haproxy/certs', 'cert.pem')
      .replaceAll('/etc/haproxy/office.lst', 'office.lst')
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=example.com', '-keyout', '-'], {
      encoding: 'utf8',
    })
    expect(made.status).toBe(0)
    const files = { 'haproxy.cfg': text, 'cert.pem': made.stdout, 'office.lst': '198.51.100.0/24\n' }
    expect(refusal(HAPROXY, { main: 'haproxy.cfg', files })).toBeUndefined()
  })
})

describe.skipIf(reason !== undefined)('C4 · every keyword that HAProxy itself lists is in a table', () => {
  const listed = reason === undefined ? spawnSync(PATH, ['-dKcfg', '-c', '-f', '/dev/null'], { encoding: 'utf8' }).stdout.split('\n') : []
  const begin = listed.findIndex((line) => line.startsWith('listen'))
  const end = listed.findIndex((line, index) => index > begin && /^\S/.test(line))
  const lines = listed.slice(begin + 1, end < 0 ? undefined : end).map((line) => line.trim().split(/[\s*(]+/))

  test('of the sections that take requests', () => {
    const keywords = new Set(lines.flatMap(([keyword]) => keyword ?? []))
    expect(keywords.size).toBeGreaterThan(20)
    expect([...keywords].filter((keyword) => keyword !== '' && !isKnown(keyword))).toEqual([])
  })

  test('of what is done to a request', () => {
    const actions = lines.flatMap(([keyword, first, second]) =>
      keyword === 'http-request'
        ? [first]
        : keyword === 'tcp-request' && /^(?:connection|content|session)$/.test(first ?? '')
          ? [second]
          : [],
    )
    expect(actions.length).toBeGreaterThan(50)
    expect(actions.filter((action) => action !== undefined && action !== '' && actionOf(action) === undefined)).toEqual([])
  })
})

describe.skipIf(reason !== undefined)('C3 · what becomes of a request, as it is read and as it is', () => {
  test.each(HAPROXY_REQUESTS)('$name', (each) => {
    const [result] = runReal(HAPROXY, [each])
    if (result?.accepted !== true) throw new Error(result?.message)
    const { evidence } = readHaproxy(snapshotOf([each.main], new Map(Object.entries(each.files)), CONTEXT))
    const predictions = predictedStatuses(
      evidenceOf(evidence, 'proxy').flatMap(({ claim }) => claim.servers),
      each,
    )
    const disagreements = predictions.flatMap((status, index) => {
      const found = result.statuses[index]
      return status === undefined || isSame(status, found) ? [] : [{ asked: each.requests?.[index], status, found }]
    })
    expect(disagreements).toEqual([])
    expect(predictions.filter((status) => status !== undefined).length * 2).toBeGreaterThan(predictions.length)
  })
})
