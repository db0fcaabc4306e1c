import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FAULTS } from './faults.ts'
import { RECORDING, replayWith, withFault } from './faulty.ts'

const SOURCE = new URL('../../packages/core/src/', import.meta.url)

/** All of them are tried by `npm run lab:agree -- --faults`. */
const SOME = FAULTS.filter((_, index) => index % 7 === 0)

describe('what packets once did', () => {
  it('M1, V5 · is what is computed of them', async () => {
    expect(await replayWith(undefined, [RECORDING])).toBeUndefined()
  })

  it.concurrent.each(SOME)('tells of a fault in $file: $what', async (fault) => {
    expect(await replayWith(fault, [RECORDING])).toHaveProperty('id')
  })

  it('could tell of each of the others: their texts are still there', () => {
    for (const fault of FAULTS) expect(() => withFault(fault, readFileSync(new URL(fault.file, SOURCE), 'utf8'))).not.toThrow()
  })
})
