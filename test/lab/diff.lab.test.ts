import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addressSet, hasAddress, parseAddress } from '@sallyport/core/network'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import type { diffData } from '../../packages/cli/src/report/diff-data.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'], lan: ['192.168.1.0/24', '2001:db8:1::/64'] },
    hosts: {
      server: {
        on: { internet: ['198.51.100.10', '2001:db8:51::10'], lan: ['192.168.1.10', '2001:db8:1::10'] },
        defaultRoute: 'internet',
      },
    },
  })

/** Each with what is done to the host, and which of the probes fare otherwise after it. */
const CHANGES = [
  [
    'a rule that says the same in other words',
    'flush chain ip t in\nadd rule ip t in tcp dport {22} accept\nadd rule ip t in ip saddr 192.168.0.0/16 tcp dport 5432 accept',
    [],
  ],
  ['a rule for one address', 'add rule ip t in ip saddr 198.51.100.66 tcp dport 6379 accept', ['internet 6379 open']],
  ['a rule for everybody', 'add rule ip t in tcp dport 5432 accept', ['internet 5432 open']],
  [
    'a policy that keeps out',
    'flush chain ip t in',
    ['internet 22 closed', 'internet 5432 closed', 'internet 6379 closed', 'lan 22 closed', 'lan 5432 closed'],
  ],
] as const

await describeLab('which packets are newly open or closed', () => {
  let lab: Awaited<ReturnType<typeof build>>
  beforeAll(async () => {
    lab = await build()
    const { server } = lab.hosts
    await server.nft(`table ip t { chain in { type filter hook input priority 0; policy drop
      tcp dport 22 accept
      ip saddr 192.168.0.0/16 tcp dport 5432 accept; }; }`)
    await server.listenAll([22, 5432, 6379].map((port) => ({ protocol: 'tcp', address: '0.0.0.0', port })))
  }, 60_000)
  afterAll(() => lab?.close())

  const sallyport = (...args: readonly string[]) =>
    lab.hosts.server.run(['node', CLI, ...args], { cwd: '/var', exit: 'any', timeoutMs: 60_000 })

  const CASES = (['internet', 'lan'] as const).flatMap((zone) => [22, 5432, 6379].map((port) => ({ zone, port })))
  const SERVER = { internet: '198.51.100.10', lan: '192.168.1.10' }
  const CLIENTS = { internet: '198.51.100.66', lan: '192.168.1.66' }

  async function delivered(): Promise<readonly string[]> {
    const outcomes = await lab.probeAll(
      CASES.map(({ zone, port }) => ({
        from: { zone, address: CLIENTS[zone] },
        to: { address: SERVER[zone], port, via: 'server' as const },
        protocol: 'tcp' as const,
      })),
    )
    return CASES.flatMap(({ zone, port }, index) => (outcomes[index] === 'delivered' ? [`${zone} ${port}`] : []))
  }

  it.each(CHANGES)('%s: what diff tells is what packets do', async (_, rules, expected) => {
    const before = await delivered()
    await sallyport('capture', '--output', '/var/before.jsonl', '--force')
    await lab.hosts.server.nft(rules)
    await sallyport('capture', '--output', '/var/after.jsonl', '--force')
    const after = await delivered()
    const really = [
      ...after.filter((item) => !before.includes(item)).map((item) => `${item} open`),
      ...before.filter((item) => !after.includes(item)).map((item) => `${item} closed`),
    ]
    expect(really.toSorted()).toEqual(expected)
    const { stdout, code } = await sallyport('diff', '/var/before.jsonl', '/var/after.jsonl', '--format', 'json')
    const { differences } = JSON.parse(stdout) as ReturnType<typeof diffData>
    const told = CASES.flatMap(({ zone, port }) => {
      const client = parseAddress(CLIENTS[zone]) ?? expect.fail()
      const about = differences.filter(
        ({ way, sources }) => way.at === `${SERVER[zone]}:${port}` && hasAddress(addressSet(...sources), client),
      )
      return about.map(({ is }) => `${zone} ${port} ${is}`)
    })
    expect([...new Set(told)].toSorted()).toEqual(expected)
    expect(code).toBe(really.some((item) => item.endsWith('open')) ? 1 : 0)
    for (const { sources } of differences) expect(rules.includes('saddr 198') ? sources : ['198.51.100.66']).toEqual(['198.51.100.66'])
  })
})
