import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import { CLI } from '../cli.ts'
import { applyKilled, serve, Session } from './work.ts'

const V4 = '198.51.100.10'
const V6 = '2001:db8:51::10'

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'] },
    hosts: {
      server: { on: { internet: [V4, V6] }, defaultRoute: 'internet', forwarding: true },
      laptop: { on: { internet: ['198.51.100.7', '2001:db8:51::7'] }, defaultRoute: 'internet' },
    },
  })

const POLICY = `version: 1
name: shop
sources: { laptop: [198.51.100.7, "2001:db8:51::7"] }
services:
  ssh: { port: 22, from: laptop }
  voice: { port: 9847, from: internet }
  web: { port: 8080, from: internet }
  db: { port: 5432 }
`

/** A jail whose bans are set by hand. */
const JAIL = `[DEFAULT]
banaction = iptables-multiport
[sshd]
enabled = true
backend = polling
logpath = /var/log/none.log
`

await describeLab('V5 · apply beside Docker and fail2ban', () => {
  let lab: Awaited<ReturnType<typeof build>>
  let sessions: readonly Session[]

  beforeAll(async () => {
    lab = await build()
    const { server, laptop } = lab.hosts
    await serve(server, 'sshd', 22)
    await server.listenAll([9847, 5432].map((port) => ({ protocol: 'tcp', address: '::', port })))
    const docker = await server.docker()
    await docker.run({ name: 'web', publish: ['8080:80'], serve: [80] })
    await docker.run({ name: 'internal', publish: ['8001:80'], serve: [80] })
    await server.write('/etc/fail2ban/jail.local', JAIL)
    await server.run(['/bin/sh', '-c', 'rm -f /etc/fail2ban/jail.d/*; touch /var/log/none.log; fail2ban-client start'])
    await ban('192.0.2.66')
    await server.write('/var/sallyport.yaml', POLICY)
    sessions = [await Session.open(laptop, V4, 22), await Session.open(laptop, V6, 22)]
  })
  afterAll(async () => {
    await lab?.hosts.server.run(['fail2ban-client', 'stop'], { exit: 'any' })
    await lab?.close()
  })

  const ban = (address: string) => lab.hosts.server.run(['fail2ban-client', 'set', 'sshd', 'banip', address])
  const apply = (...args: readonly string[]) =>
    lab.hosts.server.run(['node', CLI, 'apply', ...args], { cwd: '/var', exit: 'any', timeoutMs: 60_000 })
  const reach = async (port: number) =>
    Promise.all([V4, V6].map((address) => lab.probe({ from: { zone: 'internet' }, to: { address, port }, protocol: 'tcp' })))
  const alive = async () => Promise.all(sessions.map((session) => session.answers()))

  /** The tables of both families without what Sallyport's own are. */
  async function others(): Promise<string> {
    const { stdout } = await lab.hosts.server.run(['/bin/sh', '-c', 'iptables-save; ip6tables-save'])
    const lines = stdout.split('\n').filter((line) => !line.startsWith('#') && !line.includes('SALLYPORT-'))
    return lines.map((line) => line.replace(/ \[\d+:\d+\]$/, '')).join('\n')
  }
  async function until(what: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 20_000; !(await what()); ) {
      if (Date.now() > end) throw new Error('that did not come about')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  const left = async () =>
    (await lab.hosts.server.run(['/bin/sh', '-c', '{ iptables-save; ip6tables-save; } | grep SALLYPORT || :'])).stdout

  it.each(['nftables', 'iptables'])('%s: what they wrote is the same, byte for byte, applied, taken back and kept', async (system) => {
    const before = await others()
    expect(before).toContain('192.0.2.66')
    expect(await reach(5432)).toEqual(['delivered', 'delivered'])
    const applied = await apply(system, '--yes', '--within', '6')
    expect(applied.stderr).toBe('')
    expect(applied.stdout).toMatch(/Newly closed[^]*tcp 5432/)
    expect(applied.stdout).toMatch(/tcp 80 .*in internal/)
    const inForce = { others: await others(), reach: [await reach(5432), await reach(9847), await reach(8080), await reach(8001)] }
    expect(inForce.reach).toEqual([
      ['dropped', 'dropped'],
      ['delivered', 'delivered'],
      ['delivered', 'delivered'],
      ['dropped', 'dropped'],
    ])
    // ip6tables makes its tables as it goes.
    expect(inForce.others).toContain(before.split('COMMIT')[0])
    // What others do meanwhile stays done.
    await ban('192.0.2.67')
    await until(async () => (await apply('--status')).stdout.includes(': taken back\n'))
    expect(await reach(5432)).toEqual(['delivered', 'delivered'])
    expect(await others()).toContain('192.0.2.67')
    await lab.hosts.server.run(['fail2ban-client', 'set', 'sshd', 'unbanip', '192.0.2.67'])
    expect(tablesOf(await others())).toEqual(tablesOf(before))
    expect(await left()).toBe('')

    await apply(system, '--yes')
    expect((await apply('--confirm')).code).toBe(0)
    const kept = await others()
    expect(tablesOf(kept)).toEqual(tablesOf(before))
    const again = await apply(system, '--yes')
    expect(again.stdout).toContain('Nothing to change')
    expect(await others()).toBe(kept)
    expect(await alive()).toEqual([true, true])
    expect((await apply('--revert')).code).toBe(0)
    expect(tablesOf(await others())).toEqual(tablesOf(before))
    expect(await reach(5432)).toEqual(['delivered', 'delivered'])
    expect(
      (await lab.hosts.server.run(['/bin/sh', '-c', 'ls -d /etc/nftables.d/* /etc/iptables/sallyport* 2>/dev/null || :'])).stdout,
    ).toBe('')
  })

  it('iptables: says once, and no more where something runs the loader, that nothing loads it at the next start', async () => {
    const { server } = lab.hosts
    await apply('iptables', '--yes')
    expect((await apply('--confirm')).stderr).toMatch(
      /^warning: \/etc\/iptables\/sallyport is not run when this machine starts, as far as can be seen\n {2}netfilter-persistent runs it at boot: .*\n$/,
    )
    await server.write('/etc/rc.local', '#!/bin/sh\n/etc/iptables/sallyport start\n')
    expect(await apply('iptables', '--yes')).toMatchObject({
      stderr: '',
      stdout: 'Nothing to change: this is in force, and stays so after a restart.\n',
    })
    await server.run(['rm', '/etc/rc.local'])
    expect((await apply('--revert')).code).toBe(0)
  })

  it.each(['iptables -w -S SALLYPORT-INPUT', 'ip6tables -w -C INPUT -j SALLYPORT-INPUT'])(
    'iptables, killed once %s answers, which is in the midst of it: both families come back',
    async (moment) => {
      const before = await others()
      expect(await applyKilled(lab.hosts.server, moment, 'iptables')).toContain('killed')
      await until(async () => (await apply('--status')).stdout.includes(': taken back\n'))
      expect(tablesOf(await others())).toEqual(tablesOf(before))
      expect(await left()).toBe('')
      expect(await reach(5432)).toEqual(['delivered', 'delivered'])
      expect(await alive()).toEqual([true, true])
    },
  )
})

/** Those with something in them, and without a chain for Docker that nothing leads to or through. */
function tablesOf(text: string): readonly string[] {
  return text
    .split(/^COMMIT$/m)
    .map((table) => (table.includes('-j DOCKER-USER') ? table : table.replace(/^:DOCKER-USER .*\n/m, '')).trim())
    .filter((table) => /^-A|^:\S+ (?:DROP|-)/m.test(table))
}
