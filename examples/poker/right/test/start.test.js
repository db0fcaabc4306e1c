import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

for (const host of ['0.0.0.0', '::', '192.168.1.100', 'api.example.com']) {
  test(`does not start on ${host}`, () => {
    const { status, stderr } = spawnSync(process.execPath, ['src/server.js'], { env: { ...process.env, API_HOST: host }, encoding: 'utf8' })
    assert.equal(status, 1)
    assert.match(stderr, /SECURITY ERROR: Invalid host/)
  })
}
