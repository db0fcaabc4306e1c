import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evidenceOf } from '@sallyport/core/evidence'
import { snapshotOf } from '../../packages/core/src/systems/nginx/dump.ts'
import type { Reading, Snapshot } from '../../packages/core/src/systems/system.ts'
import { type Program, predicted, runReal, type SocketCase, type SocketResult, whyNot } from './real.ts'
import { isSame, predictedStatuses } from './requests.ts'

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

/** A proxy and its reader, compared case by case. */
export interface Compared {
  readonly name: string
  readonly program: Program
  readonly read: (snapshot: Snapshot) => Reading
  readonly sockets: readonly SocketCase[]
  readonly requests: readonly SocketCase[]
  /** A real socket in the words of the reader. */
  readonly shown?: (socket: string) => string
}

/** Why a program cannot be tried here, said once; where nothing may be skipped it is an error. */
export function reasonToSkip({ name, program }: Pick<Compared, 'name' | 'program'>): string | undefined {
  const reason = whyNot(program)
  if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`${name} has to be tried, and cannot: ${reason}`)
  if (reason !== undefined) console.warn(`skipped, nothing is compared with ${name}: ${reason}`)
  return reason
}

/** The sockets that are read from a configuration and those that the program opens; what becomes of requests, as it is read and as it is. */
export function describeAgreement({ name, program, read, sockets, requests, shown = (socket) => socket }: Compared, skip: boolean): void {
  const readCase = (each: SocketCase) => read(snapshotOf([each.main], new Map(Object.entries(each.files)), CONTEXT)).evidence
  const serversOf = (each: SocketCase) => evidenceOf(readCase(each), 'proxy').flatMap(({ claim }) => claim.servers)

  describe.skipIf(skip)(`C3 · the sockets that are read from its configuration and those that ${name} opens`, () => {
    let results: readonly SocketResult[] = []
    beforeAll(() => {
      results = runReal(program, sockets)
    }, 300_000)
    afterAll(() => {
      const opened = results.flatMap((each) => (each.accepted ? each.sockets : [])).length
      console.log(`${name}: ${results.length} configurations, ${opened} sockets compared`)
    })

    test('there are enough', () => expect(sockets.length).toBeGreaterThanOrEqual(25))

    for (const [index, each] of sockets.entries())
      test(each.name, () => {
        const result = results[index]
        if (result?.accepted !== true) throw new Error(`${name} refuses it: ${result?.message}`)
        expect(evidenceOf(readCase(each), 'gap').map(({ claim }) => claim.what)).toEqual([])
        expect(predicted(serversOf(each))).toEqual(result.sockets.map(shown))
      })
  })

  describe.skipIf(skip)('C3 · what becomes of a request, as it is read and as it is', () => {
    test.each(requests)('$name', (each) => {
      const [result] = runReal(program, [each])
      if (result?.accepted !== true) throw new Error(result?.message)
      const predictions = predictedStatuses(serversOf(each), each)
      const disagreements = predictions.flatMap((status, index) => {
        const found = result.statuses[index]
        return status === undefined || isSame(status, found) ? [] : [{ asked: each.requests?.[index], status, found }]
      })
      expect(disagreements).toEqual([])
      expect(predictions.filter((status) => status !== undefined).length * 2).toBeGreaterThan(predictions.length)
    })
  })
}
