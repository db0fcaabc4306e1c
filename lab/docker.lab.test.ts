import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Container, DockerEngine } from './docker.ts'
import { Lab } from './lab.ts'
import { describeLab } from './testing.ts'

const build = () =>
  Lab.create({
    zones: {
      internet: ['198.51.100.0/24', '2001:db8:51::/64'],
      lan: ['192.168.1.0/24', '2001:db8:1::/64'],
    },
    hosts: {
      server: {
        on: { internet: ['198.51.100.10', '2001:db8:51::10'], lan: ['192.168.1.10', '2001:db8:1::10'] },
        defaultRoute: 'internet',
      },
    },
  })

await describeLab('Docker in the lab', () => {
  let lab: Awaited<ReturnType<typeof build>>
  let docker: DockerEngine
  let everywhere: Container
  let loopback: Container
  let lanOnly: Container

  beforeAll(async () => {
    lab = await build()
    const { server } = lab.hosts
    await server.ufw(['default deny incoming', 'allow 22/tcp', 'deny 8080', 'enable'])
    await server.listenAll([22, 9000].map((port) => ({ protocol: 'tcp', address: '::', port })))
    docker = await server.docker()
    everywhere = await docker.run({ name: 'everywhere', publish: ['8080:80', '8080:53/udp'], serve: [80] })
    await everywhere.listenAll([{ protocol: 'udp', address: '0.0.0.0', port: 53 }])
    loopback = await docker.run({ name: 'loopback', publish: ['127.0.0.1:8081:80'], serve: [80] })
    lanOnly = await docker.run({ name: 'lan-only', publish: ['192.168.1.10:8082:80'], serve: [80] })
  })
  afterAll(() => lab?.close())

  const V4 = { lan: '192.168.1.10', internet: '198.51.100.10' } as const
  const V6 = { lan: '2001:db8:1::10', internet: '2001:db8:51::10' } as const
  const from = (zone: 'lan' | 'internet', address: string, port: number, protocol: 'tcp' | 'udp' = 'tcp') =>
    lab.probe({ from: { zone }, to: { address, port }, protocol })

  it('ufw is in force on the host itself', async () => {
    expect(await from('lan', V4.lan, 22)).toBe('delivered')
    expect(await from('lan', V6.lan, 22)).toBe('delivered')
    expect(await from('lan', V4.lan, 9000)).toBe('dropped')
    expect(await from('lan', V6.lan, 9000)).toBe('dropped')
  })

  it('M1 · a published port that ufw denies is open by IPv4 and closed by IPv6', async () => {
    const { stdout } = await lab.hosts.server.run(['ufw', 'status'])
    expect(stdout).toMatch(/^8080 +DENY/m)
    expect(stdout).toMatch(/^8080 \(v6\) +DENY/m)
    for (const zone of ['lan', 'internet'] as const) {
      expect(await from(zone, V4[zone], 8080)).toBe('delivered')
      expect(await from(zone, V4[zone], 8080, 'udp')).toBe('delivered')
      expect(await from(zone, V6[zone], 8080)).toBe('dropped')
      expect(await from(zone, V6[zone], 8080, 'udp')).toBe('dropped')
    }
  })

  it('a rule in DOCKER-USER closes it', async () => {
    const rule = ['DOCKER-USER', '-i', 'lan', '-p', 'tcp', '-j', 'DROP']
    await lab.hosts.server.run(['iptables', '-I', ...rule])
    expect(await from('lan', V4.lan, 8080)).toBe('dropped')
    expect(await from('internet', V4.internet, 8080)).toBe('delivered')
    await lab.hosts.server.run(['iptables', '-D', ...rule])
    expect(await from('lan', V4.lan, 8080)).toBe('delivered')
  })

  it('published on 127.0.0.1: open to the host; by the container’s own address to neighbours too, before Docker 28', async () => {
    expect(await lab.probe({ from: { host: 'server' }, to: { address: '127.0.0.1', port: 8081 }, protocol: 'tcp' })).toBe('delivered')
    expect(await from('lan', V4.lan, 8081)).toBe('dropped')
    const [address = ''] = loopback.addresses
    const to = { address, port: 80, via: 'server' } as const
    const { stdout } = await docker.cli(['version', '--format', '{{.Server.Version}}'])
    expect(await lab.probe({ from: { zone: 'lan' }, to, protocol: 'tcp' })).toBe(Number.parseInt(stdout) < 28 ? 'delivered' : 'dropped')
  })

  it('published on the LAN address: open where that address can be reached', async () => {
    expect(await from('lan', V4.lan, 8082)).toBe('delivered')
    expect(await from('internet', V4.internet, 8082)).toBe('dropped')
    expect(await from('internet', V4.lan, 8082)).toBe('delivered')
  })

  it('containers reach each other, and the host only where ufw allows', async () => {
    const [address = ''] = lanOnly.addresses
    const probe = (to: string, port: number) => lab.probe({ from: { container: everywhere }, to: { address: to, port }, protocol: 'tcp' })
    expect(await probe(address, 80)).toBe('delivered')
    expect(await probe(V4.lan, 22)).toBe('delivered')
    expect(await probe(V4.lan, 9000)).toBe('dropped')
  })

  it('docker-proxy holds the sockets, and the host sees only its own processes', async () => {
    const { stdout } = await lab.hosts.server.run(['ss', '-tlnpH', 'sport', '=', ':8080'])
    expect(stdout.match(/docker-proxy/g)).toHaveLength(2)
    const names = (await lab.hosts.server.run(['ps', '-eo', 'comm='])).stdout.split('\n')
    expect(names).toContain('dockerd')
    expect(names).not.toContain('node')
  })
})

await describeLab('nginx in the lab', () => {
  let lab: Awaited<ReturnType<typeof build>>
  beforeAll(async () => {
    lab = await build()
  })
  afterAll(() => lab?.close())

  it('answers on what it listens on, reloads, and says what is wrong with a configuration', async () => {
    const { server } = lab.hosts
    const listening = (listen: string) => `events {}\nhttp { server { listen ${listen}; return 204; } }\n`
    const nginx = await server.nginx(listening('198.51.100.10:80'))
    const probe = (address: string, port: number) => lab.probe({ from: { zone: 'internet' }, to: { address, port }, protocol: 'tcp' })
    expect(await probe('198.51.100.10', 80)).toBe('delivered')
    expect(await probe('2001:db8:51::10', 80)).toBe('refused')
    await nginx.reload(listening('[::]:81'))
    await server.untilListening([{ protocol: 'tcp', port: 81 }])
    expect(await probe('2001:db8:51::10', 81)).toBe('delivered')
    await expect(nginx.reload('events {')).rejects.toThrow('unexpected end of file')
    await nginx.stop()
    expect(await probe('2001:db8:51::10', 81)).toBe('refused')
  })
})
