import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build } from './app.js'

test('converts over a real socket', async () => {
  const app = build()
  await app.listen({ port: 0, host: '0.0.0.0' })
  const address = app.server.address()
  assert.ok(address && typeof address === 'object')
  const res = await fetch(`http://127.0.0.1:${address.port}/miles?km=10`)
  assert.equal(Math.round((await res.json()).miles), 6)
  await app.close()
})
