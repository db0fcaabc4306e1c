import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evidenceOf } from '@sallyport/core/evidence'
import { readHaproxy } from '../packages/core/src/systems/haproxy/read.ts'
import { snapshotOf } from '../packages/core/src/systems/nginx/dump.ts'
import { HAPROXY_CASES } from './proxy-sockets/haproxy.ts'
import { type Program, predicted, runReal, type SocketResult, whyNot } from './proxy-sockets/real.ts'

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
