import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import type { ReportData } from '../../packages/cli/src/report/data.ts'
import { ATTACH } from './bpf.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')

const build = () => {
  const on = (number: number) => ({ internet: [`198.51.100.${number}`], lan: [`192.168.1.${number}`] })
  return Lab.create({
    zones: { internet: ['198.51.100.0/24'], lan: ['192.168.1.0/24'] },
    hosts: {
      plain: { on: on(10), defaultRoute: 'internet' },
      device: { on: on(11), defaultRoute: 'internet' },
      group: { on: on(12), defaultRoute: 'internet' },
      unheld: { on: on(13), defaultRoute: 'internet' },
      lookup: { on: on(14), defaultRoute: 'internet' },
    },
  })
}
type HostName = keyof Awaited<ReturnType<typeof build>>['hosts']

/** A server in a control group of its own, as systemd starts a unit's. */
const IN_GROUP = `
root=/sys/fs/cgroup; [ -e $root/cgroup.controllers ] || root=$root/unified
mkdir -p "$root/$1/db"; echo $$ > "$root/$1/db/cgroup.procs"
exec busybox httpd -f -p 0.0.0.0:8080 -h /var
`

await describeLab('BPF programs where neither ip nor tc shows them', () => {
  let lab: Awaited<ReturnType<typeof build>>
  beforeAll(async () => {
    lab = await build()
    for (const host of Object.values(lab.hosts)) {
      await host.write('/var/attach.py', ATTACH)
      await host.spawn(['/bin/sh', '-ec', IN_GROUP, 'sh', host.netns])
      await host.listenAll([{ protocol: 'tcp', address: '0.0.0.0', port: 9000 }])
      await host.untilListening([{ protocol: 'tcp', port: 8080 }])
    }
  })
  afterAll(() => lab?.close())

  async function attach(name: HostName, ...args: readonly string[]): Promise<void> {
    const program = await lab.hosts[name].spawn(['python3', '/var/attach.py', ...args])
    for (let wait = 0; wait < 100 && !program.stdout.includes('attached'); wait++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(program.stderr).toBe('')
    }
    expect(program.stdout).toContain('attached')
  }

  /** `lan 8080 open`, for each port and zone, and the reasons of what is not sure. */
  async function verdicts(name: HostName): Promise<{ readonly ways: readonly string[]; readonly reasons: readonly string[] }> {
    const { stdout, stderr } = await lab.hosts[name].run(['node', CLI, 'check', '--scope', 'host', '--format', 'json'], {
      cwd: '/var',
      exit: 'any',
      timeoutMs: 60_000,
    })
    expect(stderr).toBe('')
    const report = JSON.parse(stdout) as ReportData
    const reach = report.services.flatMap(({ endpoints }) => endpoints.flatMap(({ port, reach: all }) => all.map((way) => ({ port, way }))))
    return {
      ways: [...new Set(reach.map(({ port, way }) => `${way.interface} ${port} ${way.verdict}`))].toSorted(),
      reasons: [...new Set(reach.flatMap(({ way }) => way.reasons))].toSorted(),
    }
  }
  const group = (name: HostName) => `$(r=/sys/fs/cgroup; [ -e $r/cgroup.controllers ] || r=$r/unified; echo $r)/${lab.hosts[name].netns}/db`
  const groupPath = async (name: HostName) => (await lab.hosts[name].run(['/bin/sh', '-c', `echo ${group(name)}`])).stdout.trim()
  const probe = (address: string, zone: 'lan' | 'internet', port: number) =>
    lab.probe({ from: { zone }, to: { address, port }, protocol: 'tcp' })
  const OPEN = ['internet 8080 open', 'internet 9000 open', 'lan 8080 open', 'lan 9000 open']

  it('C4 · without any nothing is in doubt, also where bpftool is installed', async () => {
    expect(await verdicts('plain')).toEqual({ ways: OPEN, reasons: [] })
  })

  it('C4 · tcx: what comes in at that device is not sure, and only that', async () => {
    await attach('device', 'tcx', 'lan')
    expect(await probe('192.168.1.11', 'lan', 9000)).toBe('dropped')
    expect(await probe('198.51.100.11', 'internet', 9000)).toBe('delivered')
    const { ways, reasons } = await verdicts('device')
    expect(ways).toEqual(['internet 8080 open', 'internet 9000 open', 'lan 8080 maybe', 'lan 9000 maybe'])
    expect(reasons).toEqual(['a tcx program on lan may drop or redirect the packet first'])
  })

  it('C4 · a control group’s: what comes to sockets that were made in it is not sure, and only that', async () => {
    await attach('group', 'cgroup', await groupPath('group'))
    expect(await probe('192.168.1.12', 'lan', 8080)).toBe('dropped')
    expect(await probe('192.168.1.12', 'lan', 9000)).toBe('delivered')
    const { ways, reasons } = await verdicts('group')
    expect(ways).toEqual(['internet 8080 maybe', 'internet 9000 open', 'lan 8080 maybe', 'lan 9000 open'])
    expect(reasons).toEqual([expect.stringMatching(/^a BPF program of the control group \/\S+\/db may drop the packet$/)])
  })

  it('C4 · one that nobody holds bpftool names', async () => {
    await attach('unheld', 'cgroup-program', await groupPath('unheld'))
    expect(await probe('192.168.1.13', 'lan', 8080)).toBe('dropped')
    expect((await verdicts('unheld')).ways).toEqual(['internet 8080 maybe', 'internet 9000 open', 'lan 8080 maybe', 'lan 9000 open'])
  })

  it('C4 · one that chooses sockets leaves nothing of its namespace sure', async () => {
    await attach('lookup', 'sk_lookup')
    const { ways, reasons } = await verdicts('lookup')
    expect(ways.every((way) => way.endsWith('maybe'))).toBe(true)
    expect(reasons.join()).toContain('sk_lookup')
  })
})
