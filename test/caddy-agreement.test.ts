import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evidenceOf } from '@sallyport/core/evidence'
import { readCaddy } from '../packages/core/src/systems/caddy/read.ts'
import { snapshotOf } from '../packages/core/src/systems/nginx/dump.ts'
import { CADDY_CASES } from './proxy-sockets/caddy.ts'
import { type Program, predicted, runReal, type SocketResult, whyNot } from './proxy-sockets/real.ts'

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
