import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import type { ReportData } from '../../packages/cli/src/report/data.ts'
import { CLI, sallyport } from '../cli.ts'

const POLICY = `
version: 1
name: telephony
hosts:
  api: { address: [198.51.100.10, 10.0.1.10], upstream: none }
  freeswitch: { address: 10.0.1.20, upstream: none }
services:
  http: { host: api, port: 80, from: internet }
  esl: { host: freeswitch, port: 8021, from: api }
  metrics: { host: freeswitch, port: 9100, from: api }
tests:
  - { from: internet, deny: [esl], denyThrough: [esl] }
  - { from: internet, denyThrough: [metrics] }
  - { from: api, accept: [esl, metrics] }
`

const nginx = (target: string): string => `
events {}
http {
  server { listen 80; location / { proxy_pass http://${target}; } }
  server { listen 127.0.0.1:8080; location / { proxy_pass http://10.0.1.20:9100; } }
}
`

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24'], inner: ['10.0.1.0/24'] },
    hosts: {
      api: { on: { internet: ['198.51.100.10'], inner: ['10.0.1.10'] }, defaultRoute: 'internet', forwarding: true },
      freeswitch: { on: { inner: ['10.0.1.20'] }, defaultRoute: 'api' },
    },
  })

await describeLab('several hosts of one deployment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sp-hosts-'))
  let lab: Awaited<ReturnType<typeof build>>
  beforeAll(async () => {
    lab = await build()
    await lab.hosts.freeswitch.nft(`table ip t { chain in { type filter hook input priority 0; policy drop;
      ct state established accept
      ip saddr 10.0.1.10 tcp dport { 8021, 9100 } accept; }; }`)
    await lab.hosts.freeswitch.listenAll([8021, 9100].map((port) => ({ protocol: 'tcp', address: '0.0.0.0', port })))
    writeFileSync(join(folder, 'sallyport.yaml'), POLICY)
  }, 60_000)
  afterAll(async () => {
    await lab?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** What is said of both, and whether a request of the internet comes through to port 8021. */
  async function look(target: string): Promise<{ readonly hosts: readonly ReportData[]; readonly arrives: boolean }> {
    const { api, freeswitch } = lab.hosts
    const server = await api.nginx(nginx(target))
    const files: string[] = []
    for (const host of [api, freeswitch]) {
      const file = join(folder, `${files.length}.jsonl`)
      writeFileSync(file, (await host.run(['node', CLI, 'capture'], { timeoutMs: 60_000 })).stdout)
      files.push(file)
    }
    const asked = {
      from: { zone: 'internet', address: '198.51.100.66' },
      to: { address: '198.51.100.10', port: 80 },
      protocol: 'tcp',
    } as const
    const { receipt } = await lab.observe([asked]).then(([one]) => one ?? expect.fail())
    await server.stop()
    const { stdout, stderr } = sallyport('check', folder, '--evidence', ...files, '--format', 'json')
    expect(stderr).toBe('')
    return { hosts: (JSON.parse(stdout) as { hosts: readonly ReportData[] }).hosts, arrives: receipt?.at.port === 8021 }
  }

  const findingsOf = (hosts: readonly ReportData[], service: string) =>
    hosts.flatMap(({ findings }) => findings.filter((item) => item.service === service).map(({ rule, message }) => `${rule}: ${message}`))

  it('E5 · a proxy of one host that forwards to a private service of another is told, and what comes to its own loopback is not', async () => {
    const { hosts, arrives } = await look('10.0.1.20:8021')
    expect(arrives).toBe(true)
    expect(hosts.map(({ host }) => host?.name)).toEqual(['api', 'freeswitch'])
    expect(hosts.map(({ services }) => services.flatMap(({ name, declared }) => (declared === null ? [] : [name])).toSorted())).toEqual([
      ['http'],
      ['esl', 'metrics'],
    ])
    expect(findingsOf(hosts, 'esl').join('\n')).toMatch(
      /claim-failed: A test says that esl is not reached through any proxy, and nginx on api forwards to it/,
    )
    expect(findingsOf(hosts, 'esl').join('\n')).toMatch(/proxied-undeclared: nginx on api forwards to esl/)
    expect(findingsOf(hosts, 'metrics').filter((text) => text.startsWith('claim-failed'))).toEqual([])
  })

  it('E5 · without the route there is nothing to tell', async () => {
    const { hosts, arrives } = await look('127.0.0.1:9')
    expect(arrives).toBe(false)
    expect(findingsOf(hosts, 'esl')).toEqual([])
  })
})
