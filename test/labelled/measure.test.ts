import { expect, it } from 'vitest'
import { GO, HELD_OUT, LABELLED } from './label.ts'
import { measureAll, rates } from './measure.ts'

/** docs/comparison.md lists every miss. */
const GOAL = 0.95

it.each([
  ['labelled set', LABELLED],
  ['held-out set', HELD_OUT],
  ['set of Go projects', GO],
])('E2 E8 P8 P9 V9 · the %s: what is found, and what is said wrongly', async (name, set) => {
  const { right, missed, wrong, recall, precision } = rates(await measureAll(set))
  process.stdout.write(
    `${name}: right ${right}, missed ${missed}, wrong ${wrong}: recall ${(recall * 100).toFixed(1)} %, precision ${(precision * 100).toFixed(1)} %\n`,
  )
  expect(recall).toBeGreaterThan(GOAL)
  expect(precision).toBeGreaterThan(GOAL)
})
