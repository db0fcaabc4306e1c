import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { api } from '../src/api.js'
import { Hands } from '../src/hands.js'

test('is well', async () => {
  const server = createServer(api(new Hands(), false)).listen(0, '0.0.0.0')
  const { status } = await fetch(`http://127.0.0.1:${server.address().port}/health`)
  server.close()
  assert.equal(status, 200)
})
