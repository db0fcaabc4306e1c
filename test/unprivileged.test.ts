import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lab, type RunOptions } from '../lab/index.ts'
import { describeLab } from '../lab/testing.ts'
import type { ReportData } from '../packages/cli/src/report/data.ts'
import { CLI, NOBODY } from './hostile/program.ts'

const draw = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'], lan: ['192.168.1.0/24'] },
    hosts: {
      server: { on: { internet: ['198.51.100.10', '2001:db8:51::10'], lan: ['192.168.1.10'] }, defaultRoute: 'internet' },
      quiet: { on: { lan: ['192.168.1.11'] } },
    },
  })

const POLICY = `
version: 1
name: shop
hosts:
  server: { upstream: none }
services:
  ssh: { host: server, port: 22, from: internet }
  web: { host: server, port: 8080 }
  own: { host: server, port: 9000 }
  local: { host: server, port: 7001 }
`
const LOCAL = 'version: 1\nname: shop\nservices:\n  local: { port: 7001 }\n'

const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--']

/** Programs that tell of the network, out of sight for what is started by this; the rest of their folders stays. */
const WITHOUT_TOOLS = [
  'unshare',
  '--mount',
  'sh',
  '-ec',
  `w=$(mktemp -d); mount -t tmpfs none $w
  for d in /usr/sbin /usr/bin; do
    mkdir -p $w$d
    for t in nft ss ip iptables-nft-save ip6tables-nft-save iptables-legacy-save ip6tables-legacy-save ipset; do
      if [ -e $d/$t ] || [ -L $d/$t ]; then mknod $w$d/$t c 0 0; fi
    done
  done
  for d in /usr/sbin /usr/bin; do mount -t overlay none -o lowerdir=$w$d:$d $d; done
  exec "$@"`,
  'sh',
]

interface Checked {
  readonly exit: number | null
  readonly report: ReportData
  readonly stderr: string
}

await describeLab('looking without permission', () => {
  let lab: Awaited<ReturnType<typeof draw>>

  beforeAll(async () => {
    lab = await draw()
    const { server, quiet } = lab.hosts
    await server.ufw(['default deny incoming', 'allow 22/tcp', 'deny 8080', 'enable'])
    await server.listenAll([
      { protocol: 'tcp', address: '::', port: 22 },
      { protocol: 'tcp', address: '0.0.0.0', port: 8080 },
      { protocol: 'tcp', address: '127.0.0.1', port: 7001 },
      { protocol: 'udp', address: '198.51.100.10', port: 5060 },
    ])
    await server.spawn([...AS_NOBODY, process.execPath, '-e', "require('net').createServer().listen(9000, '0.0.0.0')"])
    await quiet.listenAll([{ protocol: 'tcp', address: '127.0.0.1', port: 7001 }])
    await quiet.iptables('*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n')
    for (const host of [server, quiet]) {
      await host.run(['mkdir', '-p', '/var/deployment'])
      await host.write('/var/deployment/sallyport.yaml', host === server ? POLICY : LOCAL)
    }
    await server.untilListening([22, 8080, 7001, 9000].map((port) => ({ protocol: 'tcp', port })))
  }, 120_000)
  afterAll(() => lab?.close())

  async function check(
    host: 'server' | 'quiet',
    who: readonly string[],
    args: readonly string[] = [],
    options: RunOptions = {},
  ): Promise<Checked> {
    const { code, stdout, stderr } = await lab.hosts[host].run(
      [...who, process.execPath, CLI, 'check', '/var/deployment', '--scope', 'host', '--format', 'json', ...args],
      { cwd: '/', exit: 'any', timeoutMs: 60_000, ...options },
    )
    return { exit: code, report: JSON.parse(stdout === '' ? '{}' : stdout) as ReportData, stderr }
  }

  const endpoints = ({ report }: Checked) => report.services.flatMap((service) => service.endpoints)
  const endpoint = (checked: Checked, port: number) => endpoints(checked).find((item) => item.port === port)
  const unseen = ({ report }: Checked): readonly string[] => report.notSeen.map(({ what }) => what)

  describe('as nobody, on a host whose packet filter root has set', () => {
    let checked: Checked
    beforeAll(async () => {
      checked = await check('server', AS_NOBODY)
    })

    it('E1 · every listener is seen, whoever it belongs to', () => {
      expect(checked.stderr).toBe('')
      const seen = endpoints(checked).map(({ protocol, address, port }) => `${protocol} ${address} ${port}`)
      expect(seen.toSorted()).toEqual(['tcp 0.0.0.0 8080', 'tcp 0.0.0.0 9000', 'tcp 127.0.0.1 7001', 'tcp :: 22', 'udp 198.51.100.10 5060'])
    })

    it('E1 · its own process is named; whose the others are is said to be unknown', () => {
      expect(endpoint(checked, 9000)?.processes.map(({ name }) => name)).toEqual(['node'])
      expect(endpoint(checked, 8080)?.processes).toEqual([])
      expect(unseen(checked).filter((what) => /^the processes of 4 sockets \(\d+ process(es)? of other users\)$/.test(what))).toHaveLength(
        1,
      )
    })

    it('C4 · the packet filter is said to be out of sight, with what to do', () => {
      const [filter] = checked.report.notSeen.filter(({ what }) => what.includes('packet filter'))
      expect(filter).toMatchObject({ code: 'denied', affects: 'netfilter', remedy: 'run as root' })
    })

    it('C4 · what to do is what would help: nothing is to be installed, and each undecided finding says to run as root', () => {
      expect(checked.report.notSeen.map(({ remedy }) => remedy ?? '').filter((remedy) => /install/.test(remedy))).toEqual([])
      const undecided = checked.report.findings.filter(({ rule }) => rule === 'undecided')
      expect(undecided.map(({ service }) => service ?? '').toSorted((a, b) => a.localeCompare(b))).toEqual(['own', 'web'])
      expect(new Set(undecided.map(({ fix }) => fix))).toEqual(new Set(['run as root']))
    })

    it('C4 · every verdict that the packet filter decides is open, naming why; none is told as closed', () => {
      for (const port of [22, 8080, 9000]) {
        const ways = endpoint(checked, port)?.reach.filter(({ from }) => from === 'internet') ?? []
        expect(ways.length, String(port)).toBeGreaterThan(0)
        for (const way of ways) {
          expect(way.verdict, String(port)).toBe('maybe')
          expect(way.reasons.join('\n')).toMatch(/packet filter/)
        }
        // What the kernel does not route, no packet filter could let in.
        expect(endpoint(checked, port)?.blocked.filter(({ path }) => path.at(-1)?.kind !== 'route')).toEqual([])
      }
    })

    it('C4 · what no packet filter can open stays decided', () => {
      expect(endpoint(checked, 7001)?.reach).toEqual([])
    })

    it('C4 · it exits 3, or 0 where that is asked for, and the score says why it is capped', async () => {
      expect(checked.exit).toBe(3)
      expect(checked.report.undecided).toBe(true)
      expect(checked.report.score.value).toBeLessThanOrEqual(89)
      expect((await check('server', AS_NOBODY, ['--allow-unknown'])).exit).toBe(0)
    })

    it('C2 · the other commands answer as well', async () => {
      for (const args of [
        ['explain', '8080', '--folder', '/var/deployment'],
        ['ports', '/var/deployment'],
        ['init', '/var/deployment', '--stdout'],
      ]) {
        const { code, stdout, stderr } = await lab.hosts.server.run([...AS_NOBODY, process.execPath, CLI, ...args], {
          cwd: '/',
          exit: 'any',
        })
        expect([code, stderr], args.join(' ')).toEqual([0, ''])
        expect(stdout, args.join(' ')).toContain('8080')
      }
    })

    it('C4 · explain says of what it does not find that not all was seen, and what to do; of what it finds, whose it could not tell', async () => {
      await lab.hosts.server.run(['mkdir', '-p', '/var/other'])
      await lab.hosts.server.write('/var/other/sallyport.yaml', 'version: 1\nname: other\nservices:\n  gone: { port: 9111 }\n')
      const explain = (who: readonly string[], ...args: readonly string[]) =>
        lab.hosts.server.run([...who, process.execPath, CLI, 'explain', ...args, '--folder', '/var/other'], { cwd: '/', exit: 'any' })
      const unknown = await explain(AS_NOBODY, 'shop')
      expect(unknown).toMatchObject({ code: 2, stdout: '' })
      expect(unknown.stderr).toContain('nothing that was seen here is called shop, listens on that port, or is said to\n')
      expect(unknown.stderr).toMatch(/^ {2}not seen: the processes of 4 sockets.* \(run as root\)$/m)
      // Without its process a port is known.
      expect((await explain(AS_NOBODY, '9222')).stderr).toContain('nothing here is called 9222')
      const gone = await explain(AS_NOBODY, 'gone')
      expect(gone.stdout).toMatch(/^gone: not running, so no packet is taken\n/)
      const there = await explain(AS_NOBODY, '8080')
      expect(there.stdout).toMatch(/\n\nNot seen\n(?: {2}.*\n)* {2}the packet filter.* \(run as root\)\n/)
      expect(there.stdout).toMatch(/^ {2}the processes of \d+ sockets .*\(run as root\)$/m)
      // Root sees it all.
      expect((await explain([], '9222')).stderr).toContain('nothing here is called 9222')
      expect((await explain([], 'gone')).stdout).toMatch(/^gone: not running, so no packet is taken\n/)
      for (const args of ['gone', '8080']) expect((await explain([], args)).stdout).not.toContain('Not seen')
    })

    it('root sees the same host without a doubt, so that the doubt is one of permission', async () => {
      const seen = await check('server', [])
      expect(seen.report.undecided).toBe(false)
      expect(unseen(seen)).toEqual([])
      // Where to look is there after the program has ended, too.
      expect(JSON.stringify(seen.report)).not.toMatch(/"\/proc\/\d+\/net\//)
      expect(endpoint(seen, 8080)?.reach.filter(({ from }) => from === 'internet')).toEqual([])
    })
  })

  describe('where nothing listens but on loopback', () => {
    it('C4 · what cannot be seen changes nothing: exit 0, and still it is said', async () => {
      const checked = await check('quiet', AS_NOBODY)
      expect(unseen(checked).join('\n')).toContain('packet filter')
      expect(checked.report.findings).toEqual([])
      expect(checked.report.undecided).toBe(false)
      expect(checked.exit).toBe(0)
    })
  })

  describe('as root, without the programs that tell', () => {
    let checked: Checked
    beforeAll(async () => {
      checked = await check('server', WITHOUT_TOOLS)
    })

    it('C4 · each one that is missing is named, with what to install', () => {
      const missing = checked.report.notSeen.filter(({ code }) => code === 'tool-missing')
      expect(missing.map(({ remedy }) => remedy).join('\n')).toMatch(/install nftables/)
      expect(missing.map(({ remedy }) => remedy).join('\n')).toMatch(/install iproute2/)
    })

    it('E1 · every listener is seen with its process', () => {
      expect(
        endpoints(checked)
          .map(({ port }) => port)
          .toSorted((a, b) => a - b),
      ).toEqual([22, 5060, 7001, 8080, 9000])
      expect(endpoint(checked, 8080)?.processes.length).toBeGreaterThan(0)
    })

    it('C4 · interfaces, addresses and routes are those that the kernel itself lists', async () => {
      const entries = (of: Checked) =>
        [...new Set(endpoint(of, 22)?.reach.map((way) => `${way.from} ${way.interface} ${way.at}`))].toSorted()
      expect(entries(checked)).toEqual(entries(await check('server', [])))
      expect(entries(checked).length).toBeGreaterThan(5)
    })

    it('C4 · the verdicts are open, and the exit is 3', () => {
      const ways = endpoint(checked, 8080)?.reach.filter(({ from }) => from === 'internet') ?? []
      expect(ways.map(({ verdict }) => verdict)).toContain('maybe')
      expect(ways.map(({ verdict }) => verdict)).not.toContain('open')
      expect(checked.exit).toBe(3)
    })
  })

  it('C4 · tables of routes that only ip could print leave every verdict open', async () => {
    await lab.hosts.server.run(['ip', 'route', 'add', 'default', 'via', '192.168.1.1', 'dev', 'lan', 'table', '100'])
    const checked = await check('server', WITHOUT_TOOLS)
    expect(checked.report.notSeen.map(({ affects }) => affects)).toContain('network')
    const ways = endpoint(checked, 8080)?.reach.filter((way) => way.interface === 'an interface that was not seen')
    expect(ways?.map(({ from, verdict }) => `${from} ${verdict}`)).toEqual(['private maybe', 'internet maybe'])
    // On loopback nobody comes in, by whichever table.
    expect(endpoint(checked, 7001)?.reach).toEqual([])
  })

  it('C4 · neither permission nor programs nor a PATH: still useful, and honest', async () => {
    const checked = await check('server', [...WITHOUT_TOOLS, ...AS_NOBODY, 'env', 'PATH=/nonexistent'])
    expect(checked.stderr).toBe('')
    expect(checked.exit).toBe(3)
    expect(
      endpoints(checked)
        .map(({ port }) => port)
        .toSorted((a, b) => a - b),
    ).toEqual([22, 5060, 7001, 8080, 9000])
  })
})
