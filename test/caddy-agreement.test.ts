import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evidenceOf } from '@sallyport/core/evidence'
import { goldenProxy } from '../packages/core/test/golden-proxies.ts'
import { readCaddy } from '../packages/core/src/systems/caddy/read.ts'
import { snapshotOf } from '../packages/core/src/systems/nginx/dump.ts'
import { CADDY_CASES } from './proxy-sockets/caddy.ts'
import { CADDY_REQUESTS, isSame, predictedStatuses } from './proxy-sockets/requests.ts'
import { type Program, predicted, refusal, runReal, type SocketResult, whyNot } from './proxy-sockets/real.ts'

const CADDY: Program = {
  path: '/usr/bin/caddy',
  check: (main) => (main.endsWith('.json') ? ['cat', main] : ['/usr/bin/caddy', 'adapt', '--config', main, '--adapter', 'caddyfile']),
  command: () => ['/usr/bin/caddy', 'run', '--config', 'adapted.json'],
  ready: 'serving initial configuration',
}

const reason = whyNot(CADDY)
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`Caddy has to be tried, and cannot: ${reason}`)
if (reason !== undefined) console.warn(`skipped, nothing is compared with Caddy: ${reason}`)

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

describe.skipIf(reason !== undefined)('C3 · the sockets that are read from a Caddyfile and those that Caddy opens', () => {
  let results: readonly SocketResult[] = []
  beforeAll(() => {
    results = runReal(CADDY, CADDY_CASES)
  }, 300_000)
  afterAll(() => {
    console.log(
      `Caddy: ${results.length} configurations, ${results.flatMap((each) => (each.accepted ? each.sockets : [])).length} sockets compared`,
    )
  })

  test('there are enough', () => expect(CADDY_CASES.length).toBeGreaterThanOrEqual(25))

  for (const [index, each] of CADDY_CASES.entries())
    test(each.name, () => {
      const result = results[index]
      if (result?.accepted !== true) throw new Error(`Caddy refuses it: ${result?.message}`)
      const { evidence } = readCaddy(snapshotOf([each.main], new Map(Object.entries(each.files)), CONTEXT))
      expect(evidenceOf(evidence, 'gap').map(({ claim }) => claim.what)).toEqual([])
      expect(predicted(evidenceOf(evidence, 'proxy').flatMap(({ claim }) => claim.servers))).toEqual(result.sockets)
    })
})

/** Golden cases that this Caddy does not take, and why. */
const NOT_TAKEN: ReadonlyMap<string, string> = new Map([
  ['env.txt', 'variables that are not set'],
  ['json.txt', 'no Caddyfile'],
  ['newer.txt', 'of Caddy 2.7 and later'],
  ['options.txt', 'modules that are not built in'],
  ['refused.txt', 'mistakes'],
])

describe.skipIf(reason !== undefined)('Caddy takes what the golden cases are read from', () => {
  const golden = new URL('../packages/core/src/systems/caddy/golden/', import.meta.url)
  for (const name of readdirSync(golden).filter((file) => !NOT_TAKEN.has(file)))
    test(name, () => {
      const { inputs } = goldenProxy(readFileSync(new URL(name, golden), 'utf8'))
      expect(refusal(CADDY, { main: 'Caddyfile', files: Object.fromEntries(inputs) })).toBeUndefined()
    })
})

describe.skipIf(reason !== undefined)('C3 · what becomes of a request, as it is read and as it is', () => {
  test.each(CADDY_REQUESTS)('$name', (each) => {
    const [result] = runReal(CADDY, [each])
    if (result?.accepted !== true) throw new Error(result?.message)
    const { evidence } = readCaddy(snapshotOf([each.main], new Map(Object.entries(each.files)), CONTEXT))
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
