import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { guard } from '../src/index.ts'

const there = spawnSync('fail2ban-regex', ['--version']).status === 0
if (!there && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error('fail2ban-regex has to be tried, and is not installed')
if (!there) console.warn('skipped: fail2ban-regex is not installed (sudo npm run lab:setup)')

const FORGED = '","address":"203.0.113.5",'

it.skipIf(!there)(
  'P6 P13 · fail2ban reads every line of the log by the filter of the documentation, and no address but the true one',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-fail2ban-'))
    const log = join(folder, 'security.log')
    const gate = guard({ log })
    const server = gate.protect(createServer((_request, response) => void response.end()))
    try {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const requests = [
        `GET / HTTP/1.1\r\nHost: ${FORGED}\r\n\r\n`,
        `GET /${FORGED} HTTP/1.1\r\nHost: x\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: ${FORGED}\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nX-Forwarded-For: 203.0.113.5\r\n\r\n`,
        `GE\0T / HTTP/1.1\r\n\r\n`,
      ]
      for (const text of requests)
        await new Promise((resolve) => {
          const socket = connect(port, '127.0.0.1', () => socket.end(text))
          socket.resume().on('close', resolve).on('error', resolve)
        })
      await gate.close()
      expect(readFileSync(log, 'utf8').trimEnd().split('\n')).toHaveLength(requests.length)
      const [, filter = ''] = /```ini\n([^]*?)```/.exec(readFileSync(new URL('../../../docs/guard.md', import.meta.url), 'utf8')) ?? []
      writeFileSync(join(folder, 'filter.conf'), filter)
      const { stdout } = spawnSync('fail2ban-regex', ['--verbose', log, join(folder, 'filter.conf')], { encoding: 'utf8' })
      expect(stdout).toContain(`${requests.length} lines, 0 ignored, ${requests.length} matched, 0 missed`)
      expect(stdout.match(/127\.0\.0\.1 {2}\w/g)).toHaveLength(requests.length)
      expect(stdout).not.toContain('203.0.113.5')
    } finally {
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
