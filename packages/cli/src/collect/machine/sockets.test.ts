import type { ListeningRow } from '@sallyport/core/systems'
import { expect, it } from 'vitest'
import type { Holders } from './holders.ts'
import { holdersOf } from './sockets.ts'

const row = (inode: string): ListeningRow => ({ protocol: 'tcp', address: { family: 4, value: 0n }, port: 80, uid: 0, inode })
const holders = (sockets: Readonly<Record<string, readonly number[]>>, hidden = 0): Holders => ({
  sockets: new Map(Object.entries(sockets)),
  namespaces: [],
  bpfLinks: [],
  hidden,
})

it('V7 · a server that begins to listen while the machine is looked at is told with its process', () => {
  let asked = 0
  const askAgain = (): Holders => {
    asked++
    return holders({ 8: [80] })
  }
  const before = holders({ 7: [70] })
  const found = holdersOf([row('7'), row('8')], before, askAgain).sockets
  expect([found.get('7'), found.get('8'), found.size]).toEqual([[70], [80], 2])
  expect(asked).toBe(1)
  expect(holdersOf([row('7'), row('0')], before, askAgain)).toBe(before)
  expect(holdersOf([row('9')], holders({}, 3), askAgain).sockets.size).toBe(0)
  expect(asked).toBe(1)
})
