import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from './index.ts'
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

await describeLab('Docker and ufw', () => {
  let lab: Awaited<ReturnType<typeof build>>
  beforeAll(async () => {
    lab = await build()
    await lab.hosts.server.ufw(['default deny incoming', 'allow 22/tcp', 'deny 8080', 'enable'])
    const docker = await lab.hosts.server.docker()
    await docker.run({ name: 'web', publish: ['8080:80'], serve: [80] })
  })
  afterAll(() => lab?.close())

  it('the published port is open by IPv4 and closed by IPv6', async () => {
    const from = { zone: 'lan', address: '192.168.1.66' } as const
    expect(await lab.probe({ from, to: { address: '192.168.1.10', port: 8080 }, protocol: 'tcp' })).toBe('delivered')
    expect(await lab.probe({ from: { zone: 'lan' }, to: { address: '2001:db8:1::10', port: 8080 }, protocol: 'tcp' })).toBe('dropped')
  })
})
