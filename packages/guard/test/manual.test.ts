import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const MANUAL = fileURLToPath(new URL('../../../docs/guard.md', import.meta.url))
const GUARD = fileURLToPath(new URL('..', import.meta.url))

const [, name = '', example = ''] = /^```js\n\/\/ (\S+)\n([^]*?)^```$/m.exec(readFileSync(MANUAL, 'utf8')) ?? []

/** A port that nobody has for now. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Status and body; `undefined`: nothing answers. */
function get(port: number, headers: Readonly<Record<string, string>> = {}): Promise<readonly [number | undefined, string] | undefined> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => (body += text))
      response.on('end', () => resolve([response.statusCode, body]))
    })
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
}

test('P8 · the example of the manual runs as it stands, under the name that it has there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-manual-'))
  mkdirSync(join(folder, 'node_modules/@sallyport'), { recursive: true })
  symlinkSync(GUARD, join(folder, 'node_modules/@sallyport/guard'))
  writeFileSync(join(folder, name), example)
  const port = await freePort()
  const server = spawn(process.execPath, [name], { cwd: folder, env: { API_PORT: String(port) }, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  server.stderr.on('data', (text: Buffer) => (complaint += text.toString()))
  const ended = once(server, 'exit')
  try {
    let answer = await get(port)
    for (const end = Date.now() + 20_000; answer === undefined && server.exitCode === null && Date.now() < end; answer = await get(port))
      await sleep(20)
    expect([answer, complaint]).toEqual([[200, 'hello'], ''])
    expect(await get(port, { 'X-Forwarded-For': '203.0.113.7' })).toEqual([403, 'Forbidden: Proxy headers are not allowed'])
  } finally {
    server.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
})
