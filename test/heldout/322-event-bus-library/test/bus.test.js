import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBus } from '../src/index.js'

test('delivers until it is unsubscribed', () => {
  const bus = createBus()
  const seen = []
  const off = bus.listen(3000, (value) => seen.push(value))
  bus.emit(3000, 'a')
  off()
  bus.emit(3000, 'b')
  assert.deepEqual(seen, ['a'])
})
