import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromFile, guard } from '../packages/guard/src/index.ts'
import { CLI, folder } from './cli.ts'

const POLICY = `version: 1
name: x
services:
  https: { port: 443, from: internet, domain: [shop.example.com, '*.example.com'], tls: letsencrypt, routes: { /: app } }
  app: { port: 3000, limit: 60r/m }
  api: { port: 8000, http: { origins: ['http://localhost:5173'], auth: key }, limit: 10r/s }
  local: { port: 8001 }
  lan: { port: 8002, from: private }
`
const path = folder({ 'sallyport.yaml': POLICY })

function render(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'render', ...args], { cwd: path, encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('sallyport render guard', () => {
  it('P4 · a service that is local alone needs nothing', () => {
    expect(render('guard', 'local')).toEqual({ status: 0, stdout: '{}\n', stderr: '' })
  })

  it('P4 · origins, keys and limits are the policy’s, the same each time, without a secret', () => {
    const { stdout } = render('guard', 'api')
    expect(JSON.parse(stdout)).toEqual({
      origins: ['http://localhost:5173'],
      keys: { callers: [{ environment: 'INTERNAL_API_KEY' }, { environment: 'INTERNAL_API_KEY_PREVIOUS', optional: true }] },
      limit: { perSecond: 10 },
    })
    expect(render('guard', 'api').stdout).toBe(stdout)
  })

  it('P7 · behind a proxy it knows the proxy’s names, and what cannot be written is said', () => {
    const { stdout, stderr } = render('guard', 'app')
    expect(JSON.parse(stdout)).toMatchObject({
      hosts: ['shop.example.com:80'],
      origins: ['https://shop.example.com'],
      behind: { keys: [{ environment: 'INTERNAL_API_KEY' }, { optional: true }], client: 'X-Real-IP' },
      limit: { perSecond: 1, burst: 60 },
    })
    expect(stderr).toContain('*.example.com')
    expect(stderr).toContain('without which every request is refused')
    expect(stderr).not.toContain('redacted')
  })

  it('P2 · one that is meant for neighbours is refused, as is what is not there', () => {
    expect(render('guard', 'lan')).toMatchObject({ status: 2, stdout: '' })
    expect(render('guard', 'locl')).toMatchObject({ status: 2, stdout: '' })
  })

  it('P7 · the guard made of it lets the proxy’s requests in, and no other', async () => {
    const file = join(path, 'guard.json')
    writeFileSync(file, render('guard', 'app').stdout)
    const key = 'k'.repeat(40)
    const server = createServer((_, response) => response.end('ok'))
    guard({ ...(await fromFile(file, { INTERNAL_API_KEY: key })), log: false }).protect(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const status = (headers: Record<string, string>) =>
      new Promise((resolve, reject) =>
        request({ port, host: '127.0.0.1', headers, agent: false }, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end(),
      )
    const proxied = { Host: 'shop.example.com', 'X-Internal-API-Key': key, 'X-Real-IP': '203.0.113.7', 'X-Forwarded-Proto': 'https' }
    expect(await status(proxied)).toBe(200)
    expect(await status({ ...proxied, Origin: 'https://shop.example.com' })).toBe(200)
    expect(await status({ ...proxied, Origin: 'https://attacker.example' })).toBe(403)
    expect(await status({ ...proxied, Host: 'other.example.com' })).toBe(403)
    expect(await status({ ...proxied, 'X-Internal-API-Key': 'no' })).toBe(403)
    expect(await status({ ...proxied, Via: '1.1 tunnel' })).toBe(403)
    await new Promise((resolve) => server.close(resolve))
  })
})
