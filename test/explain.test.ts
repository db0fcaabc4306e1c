import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { COMPOSE, folder, POLICY, sallyport } from './cli.ts'

describe('explain', () => {
  const deployment = () => folder({ 'docker-compose.yml': COMPOSE, 'sallyport.yaml': POLICY })

  it('C3 · a compose service that does not run: where it is declared, how it is published, what would close it', () => {
    const { stdout } = sallyport('explain', 'web', '--folder', deployment())
    expect(stdout).toContain('declared at sallyport.yaml:5:3: tcp 3000 for internet')
    expect(stdout).toContain('started by compose, as web  docker-compose.yml:2:3')
    expect(stdout).toMatch(/tcp 3000 {2}every interface {2}docker-compose\.yml:2:\d+/)
    expect(stdout).toMatch(/to close it: publish 3000 on 127\.0\.0\.1/)
  })

  it('C3 · by its port, and by its network only', () => {
    const path = deployment()
    expect(sallyport('explain', '15432', '--folder', path).stdout).toMatch(/^db: not running[^]*this machine only[^]*to open it:/)
    expect(sallyport('explain', 'worker', '--folder', path).stdout).toMatch(
      /tcp 9100 {2}its container network only[^]*to open it: publish it/,
    )
  })

  it('C3 · what runs nowhere and is started by nothing', () => {
    const { stdout, status } = sallyport('explain', 'ghost', '--folder', deployment())
    expect(status).toBe(0)
    expect(stdout).toContain('declared at sallyport.yaml:6:3: tcp 4444 for office')
    expect(stdout).toContain('Nothing that was read starts it')
  })

  it.each([
    ['loopback', 'From loopback: ARRIVES'],
    ['127.0.0.1', 'From 127.0.0.1: ARRIVES'],
    ['localhost', 'From loopback: ARRIVES'],
    ['10.0.0.1', 'No packet of 10.0.0.1 comes this far'],
    ['198.51.100.0/25', 'No packet of 198.51.100.0/25 comes this far'],
    ['office', 'No packet of office (198.51.100.0/24) comes this far'],
    ['neighbours', 'No packet of neighbours comes this far'],
    ['private', 'No packet of neighbours comes this far'],
    ['internet', 'No packet of the internet comes this far'],
    ['host', 'No packet of containers of this machine comes this far'],
    ['web', 'From web (this machine): ARRIVES'],
  ])('C3 · --from %s says what was asked', async (from, said) => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const { stdout, stderr } = sallyport('explain', String(port), '--folder', deployment(), '--from', from)
      expect(stderr).toBe('')
      expect(stdout).toContain(said)
    } finally {
      server.close()
    }
  })

  it('--from a name that nobody has is refused with those that there are', () => {
    const { stderr, status } = sallyport('explain', 'web', '--folder', deployment(), '--from', 'offfice')
    expect(status).toBe(2)
    expect(stderr).toMatch(/no source is called offfice[^]*office/)
  })
})

describe('ports', () => {
  it('V7 · tells who has a port, once, and proposes free ones of level 3 and 4', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(9847, '127.0.0.1', resolve))
    try {
      const path = folder({ 'docker-compose.yml': COMPOSE, 'sallyport.yaml': POLICY })
      const { stdout } = sallyport('ports', path, '--format', 'json')
      const data = JSON.parse(stdout) as {
        inUse: { ports: { first: number }; service: string; state: string; by: string[] }[]
        free: { use: string; port: number; level: number }[]
      }
      const at = (port: number) => data.inUse.filter((item) => item.ports.first === port)
      expect(at(9847)).toHaveLength(1)
      expect(at(9847)[0]?.by).toEqual([expect.stringMatching(new RegExp(`, pid ${process.pid}$`))])
      expect(at(15432)).toMatchObject([{ service: 'db', state: 'declared' }])
      expect(at(4444)).toMatchObject([{ service: 'ghost', state: 'declared' }])
      expect(at(9100)).toEqual([])
      expect(data.free.map(({ use }) => use)).toEqual(['development', 'internal', 'production'].flatMap((use) => [use, use, use]))
      for (const { port, level } of data.free) {
        expect(level).toBeGreaterThanOrEqual(3)
        expect(at(port)).toEqual([])
      }
    } finally {
      server.close()
    }
  })
})
