import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readProcNet } from '@sallyport/core/systems'
import { readTcp, readTcpMeanwhile } from './proc.ts'

/** More rows than a page holds, whatever else listens here. */
const LISTENERS = 120

describe.skipIf(process.platform !== 'linux').each([
  ['at once', async (path: string) => readTcp(path)],
  ['meanwhile', readTcpMeanwhile],
] as const)('the table of TCP sockets, read %s', (_, readTcpTable) => {
  const servers: Server[] = []
  beforeAll(async () => {
    for (let index = 0; index < LISTENERS; index++)
      servers.push(
        await new Promise<Server>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server))
        }),
      )
  })
  afterAll(() => {
    for (const server of servers) server.close()
  })

  it('is read to its last listener', async () => {
    const ports = (text: string) => new Set(readProcNet(text, 'tcp').rows.map(({ port }) => port))
    const read = ports((await readTcpTable('/proc/self/net/tcp')) ?? '')
    for (const server of servers) expect(read).toContain((server.address() as { port: number }).port)
    expect(read.size).toBeGreaterThanOrEqual(LISTENERS)
    expect(readProcNet((await readTcpTable('/proc/self/net/tcp')) ?? '', 'tcp').complete).toBe(
      readProcNet(readFileSync('/proc/self/net/tcp', 'utf8'), 'tcp').complete,
    )
  })

  it('goes on behind a page that the next row of IPv6, longer than one of IPv4, was too long for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sp-page-'))
    try {
      const pipe = join(folder, 'tcp6')
      expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
      // A first page of 22 rows, as kernels give it, and a last one.
      spawn('/bin/sh', ['-c', `{ printf '%3938s' first; sleep 0.2; printf last; } > "$1"`, 'sh', pipe])
      expect((await readTcpTable(pipe))?.trim()).toBe('firstlast')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('is none where there is none', async () => {
    expect(await readTcpTable('/proc/self/net/nothing')).toBeUndefined()
  })
})
