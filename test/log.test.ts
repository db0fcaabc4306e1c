import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { guard } from '../packages/guard/src/index.ts'
import { CLI, folder } from './cli.ts'

function log(cwd: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'log', ...args], { cwd, encoding: 'utf8' })
  return { status, stdout, stderr }
}

const line = (time: string, address: string, code: string, more: object = {}) =>
  JSON.stringify({ time, code, status: 403, address, method: 'GET', path: '/', host: 'x', origin: '', value: 'v', ...more })

describe('sallyport log', () => {
  it('P13 · what a guarded server refused: who, when, what, how often', async () => {
    const path = folder()
    const server = createServer((_, response) => response.end('ok'))
    const gate = guard({ log: join(path, 'security.log') })
    gate.protect(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const ask = (headers: string) =>
      new Promise<void>((resolve) =>
        connect(port, '127.0.0.1')
          .on('close', resolve)
          .on('error', () => resolve())
          .resume()
          .end(`GET /hand HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`),
      )
    for (let round = 0; round < 3; round++) await ask(`Host: 127.0.0.1:${port}\r\nX-Real-IP: 203.0.113.7`)
    await ask(`Host: evil.example:${port}`)
    await ask(`Host: 127.0.0.1:${port}`)
    await new Promise((resolve) => server.close(resolve))
    await gate.close()
    const data = JSON.parse(log(path, 'security.log', '--format', 'json').stdout) as Record<string, unknown>
    expect(data).toMatchObject({
      version: 1,
      total: 4,
      unread: 0,
      groups: [
        { address: '127.0.0.1', code: 'proxy-header', count: 3, most: [{ what: 'GET /hand', count: 3 }] },
        { address: '127.0.0.1', code: 'host-not-allowed', count: 1 },
      ],
    })
    expect(log(path, 'security.log').stdout).toMatch(/^ {5}3 {2}127\.0\.0\.1 {2}proxy-header {2}20/)
  })

  it('P13 · rotated files are read too, lines that are none of the guard’s counted and said, what it left out as well', () => {
    const path = folder({
      's.log': `${line('2026-03-03T00:00:00.000Z', '192.0.2.1', 'cross-site')}\n{"time":"2026-03-03T00:00:01Z","code":"left-out","count":70}\n`,
      's.log.1': `${line('2026-02-02T00:00:00.000Z', '192.0.2.1', 'cross-site')}\nnot JSON\n{"a":1}\n[]\nnull\n"x"\n`,
      's.log.2': `${line('2026-01-01T00:00:00.000Z', '192.0.2.1', 'cross-site')}\n`,
    })
    const { stdout, status } = log(path, 's.log')
    expect(status).toBe(0)
    expect(stdout).toContain('     3  192.0.2.1  cross-site  2026-01-01T00:00:00Z to 2026-03-03T00:00:00Z')
    expect(stdout).toContain('3 entries in 3 files')
    expect(stdout).toContain('5 lines are none of the guard’s')
    expect(stdout).toContain('70 more were left out')
  })

  it('P13 · --since leaves out what is older', () => {
    const now = Date.now()
    const at = (hours: number) => new Date(now - hours * 3_600_000).toISOString()
    const path = folder({ 's.log': [line(at(1), '192.0.2.1', 'cross-site'), line(at(30), '192.0.2.2', 'cross-site')].join('\n') })
    expect(log(path, 's.log', '--since', '12h').stdout).not.toContain('192.0.2.2')
    expect(log(path, 's.log', '--since', '7d').stdout).toContain('192.0.2.2')
    expect(log(path, 's.log', '--since', at(40)).stdout).toContain('192.0.2.2')
    expect(log(path, 's.log', '--since', 'yesterday').status).toBe(2)
  })

  it('P13 · nothing in the file moves the terminal’s cursor, forges a line or shows a secret', () => {
    const hostile = '\u001b[2J\r\n  9999  forged\u202e'
    const path = folder({
      's.log': `${line('2026-03-03T00:00:00.000Z', hostile, 'cross-site', { path: hostile, value: 'password=hunter2-canary' })}\n`,
    })
    for (const format of ['text', 'json']) {
      const { stdout } = log(path, 's.log', '--format', format)
      // oxlint-disable-next-line no-control-regex
      expect(stdout).not.toMatch(/[\u001b\r\u202e]|\n {2}9999|canary/)
    }
  })

  it('P13 · a log that is not there is said, exit 2', () => {
    expect(log(folder())).toMatchObject({ status: 2, stdout: '' })
  })

  it('P13 · a folder is no log: which file it may be is said; one that was put aside as a folder is not read', () => {
    const path = folder({ 's.log': `${line('2026-03-03T00:00:00.000Z', '192.0.2.1', 'cross-site')}\n` })
    mkdirSync(join(path, 's.log.1'))
    expect(log(path, 's.log')).toMatchObject({ status: 0, stdout: expect.stringContaining('1 entry in 1 file') })
    expect(log(path, '.')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: 'sallyport: . is a folder, and no log\n  name the file that the guard writes: sallyport log logs/security.log\n',
    })
  })
})
