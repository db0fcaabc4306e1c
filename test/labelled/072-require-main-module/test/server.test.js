const test = require('node:test')
const assert = require('node:assert')
const app = require('../server')

test('lists holidays', async () => {
  const server = app.listen(0, '0.0.0.0')
  const { port } = server.address()
  const res = await fetch(`http://127.0.0.1:${port}/holidays/2024`)
  assert.deepStrictEqual(await res.json(), ['2024-01-01'])
  server.close()
})
