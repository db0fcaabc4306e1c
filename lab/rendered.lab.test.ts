import { readFileSync } from 'node:fs'
import { compareFilters } from '@sallyport/core/reach'
import type { FileState, WrittenFile } from '@sallyport/core/systems'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { NO_TOOLS } from '../packages/core/test/reader.ts'
import { CLI } from '../test/cli.ts'
import { policyOf, rendered, writerOf } from '../test/render/written.ts'
import { type Host, Lab } from './index.ts'
import { describeLab } from './testing.ts'

const POLICY_TEXT = `version: 1
name: monitoring
sources: { admin: [203.0.113.7, "2001:db8:77::/48"] }
services:
  https: { port: [80, 443], from: internet, domain: app.example.com, tls: letsencrypt, routes: { /: frontend, /api: api } }
  frontend: { port: 3000 }
  api: { port: 8000 }
  ssh: { port: 22, from: admin }
`
const POLICY = policyOf(POLICY_TEXT)

/** Sends so many echo requests (RFC 792) and prints how many are answered. */
const PING = `import socket,struct,sys
s=socket.socket(socket.AF_INET,socket.SOCK_RAW,1); s.settimeout(0.5); n=int(sys.argv[1]); got=0
for i in range(n):
  sum=0x0800+7+i; sum=(sum>>16)+(sum&0xffff)
  s.sendto(struct.pack('!BBHHH',8,0,~sum&0xffff,7,i),('198.51.100.10',0))
try:
  while got<n:
    data=s.recv(200)
    if data[20]==0: got+=1
except TimeoutError: pass
print(got)`

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'] },
    hosts: {
      server: { on: { internet: ['198.51.100.10', '2001:db8:51::10'] }, defaultRoute: 'internet' },
      neighbour: { on: { internet: ['198.51.100.20', '2001:db8:51::20'] }, defaultRoute: 'internet' },
    },
  })

await describeLab('rendered packet filters on the real programs', () => {
  let lab: Awaited<ReturnType<typeof build>>
  let server: Host
  beforeAll(async () => {
    lab = await build()
    server = lab.hosts.server
    await server.listenAll([22, 80, 443, 3000, 8000].map((port) => ({ protocol: 'tcp', address: '::', port })))
  })
  afterAll(() => lab?.close())
  beforeEach(() => server.flushFilters())

  /** The files as they are to stand; those of no place below /run. */
  async function install(system: string): Promise<readonly WrittenFile[]> {
    const { files } = await rendered(system, POLICY)
    for (const { path, text, mode = 0o644 } of files) {
      const at = path.startsWith('/') ? path : `/run/${path}`
      await server.write(at, text)
      await server.run(['chmod', mode.toString(8), at])
    }
    return files
  }

  /** As its first lines say. */
  const load: Readonly<Record<string, readonly string[]>> = {
    nftables: ['nft', '-f', '/etc/nftables.d/sallyport.nft'],
    iptables: ['/etc/iptables/sallyport', 'start'],
  }

  const output = async (command: string): Promise<string> => (await server.run(['/bin/sh', '-c', command])).stdout
  // Without the time of printing, and what was counted.
  const saved = (): Promise<string> => output('{ iptables-save; ip6tables-save; } | sed "/^#/d; s/ \\[.*//"')

  /** From the address that SSH is for, or another one, by both families. */
  async function reached(port: number, from: 'admin' | 'stranger'): Promise<readonly string[]> {
    const [four, six] = from === 'admin' ? ['203.0.113.7', '2001:db8:77::7'] : ['203.0.113.9', '2001:db8:66::1']
    const probe = (source: string | undefined, to: string) =>
      ({ from: { zone: 'internet', address: source as string }, to: { address: to, port }, protocol: 'tcp', timeoutMs: 200 }) as const
    return lab.probeAll([probe(four, '198.51.100.10'), probe(six, '2001:db8:51::10')])
  }

  async function untilAsMeant(): Promise<void> {
    expect(await reached(443, 'stranger')).toEqual(['delivered', 'delivered'])
    expect(await reached(22, 'admin')).toEqual(['delivered', 'delivered'])
    expect(await reached(22, 'stranger')).toEqual(['dropped', 'dropped'])
    // Behind the door: no opening of their own.
    expect(await reached(3000, 'stranger')).toEqual(['dropped', 'dropped'])
    expect(await reached(8000, 'admin')).toEqual(['dropped', 'dropped'])
    // The machine itself, to whatever address.
    for (const address of ['127.0.0.1', '::1', '198.51.100.10', '2001:db8:51::10'])
      expect(await lab.probe({ from: { host: 'server' }, to: { address, port: 3000 }, protocol: 'tcp' })).toBe('delivered')
  }

  /** What `render SYSTEM --check` finds on the server. */
  async function differences(system: string, files: readonly WrittenFile[]): Promise<readonly string[]> {
    const writer = await writerOf(system)
    const there = (path: string): FileState => {
      try {
        return { kind: 'text', text: readFileSync(`/proc/${server.pid}/root${path}`, 'utf8') }
      } catch {
        return { kind: 'absent' }
      }
    }
    return writer.compare(files, there, { filters: compareFilters, tools: NO_TOOLS }).map(({ what }) => what)
  }

  it('M12 · nftables: checked, loaded at once, again the same; other tables stay; taken out, nothing is left', async () => {
    await server.nft(
      'table inet other { set banned { type ipv4_addr; elements = { 192.0.2.66 } }; chain in { type filter hook input priority 10; }; }',
    )
    const before = await output('nft list ruleset')
    const [file] = await install('nftables')
    await server.run(['nft', '-c', '-f', file?.path ?? ''])
    expect(await output('nft list ruleset')).toBe(before)
    await server.run(['nft', '-f', file?.path ?? ''])
    const loaded = await output('nft list ruleset')
    await untilAsMeant()
    await server.run(['nft', '-f', file?.path ?? ''])
    expect(await output('nft list ruleset')).toBe(loaded)
    expect(await output('nft list table inet other')).toBe(before)
    await server.run(['nft', 'delete', 'table', 'inet', 'sallyport'])
    expect(await output('nft list ruleset')).toBe(before)
    expect(await differences('nftables', file === undefined ? [] : [file])).toEqual([])
  })

  it('M12 · nftables: a file that is not right leaves all as it was', async () => {
    const [file] = await install('nftables')
    await server.run(['nft', '-f', file?.path ?? ''])
    const loaded = await output('nft list ruleset')
    await expect(server.nft(`${file?.text}\nadd rule inet sallyport input frobnicate`)).rejects.toThrow()
    expect(await output('nft list ruleset')).toBe(loaded)
  })

  it('M12 · iptables: loaded twice it stands once; the rules of others stay, bans hold, taken out nothing is left', async () => {
    const others = [
      'iptables -N f2b-sshd',
      'iptables -A f2b-sshd -s 203.0.113.9 -j REJECT',
      'iptables -I INPUT -p tcp --dport 443 -j f2b-sshd',
      'iptables -N DOCKER-USER',
      'ip6tables -N DOCKER-USER',
      'iptables -A DOCKER-USER -s 192.0.2.66 -j DROP',
      // Tables that have been there are printed from then on.
      'for each in iptables ip6tables; do $each -t raw -N gone; $each -t raw -X gone; done',
    ]
    await output(others.join(' && '))
    const before = await saved()
    const files = await install('iptables')
    for (const { path } of files.filter(({ mode }) => mode === undefined))
      await output(`${path.endsWith('v6') ? 'ip6tables' : 'iptables'}-restore --test --noflush < ${path}`)
    await server.run(['/etc/iptables/sallyport', 'start'])
    const loaded = await saved()
    expect(loaded.match(/-A INPUT -j SALLYPORT-INPUT/g)).toHaveLength(2)
    expect(await reached(443, 'stranger')).toEqual(['refused', 'delivered'])
    await output('iptables -F f2b-sshd')
    await untilAsMeant()
    await output('iptables -A f2b-sshd -s 203.0.113.9 -j REJECT')
    await server.run(['/etc/iptables/sallyport', 'start'])
    expect(await saved()).toBe(loaded)
    await server.run(['/etc/iptables/sallyport', 'stop'])
    expect(await saved()).toBe(before)
    expect(await differences('iptables', files)).toEqual([])
  })

  it('M12, V5 · ufw: SSH first, twice the same; what it had besides stays and is told', async () => {
    const [file] = await install('ufw')
    const script = file?.text ?? ''
    const commands = script.split('\n').filter((line) => line.startsWith('ufw '))
    expect(commands[0]).toMatch(/port 22 /)
    expect(commands.at(-2)).toBe('ufw --force enable')
    // The common ports are denied by not being allowed.
    expect(script).not.toMatch(/^ufw (?:deny|reject)/m)
    await server.ufw(['allow 8080/tcp'])
    await server.run(['/bin/sh', '/run/ufw.sh'], { timeoutMs: 120_000 })
    await untilAsMeant()
    const loaded = [await output('ufw show added; ufw status verbose; cat /etc/ufw/after.rules /etc/ufw/after6.rules'), await saved()]
    await server.run(['/bin/sh', '/run/ufw.sh'], { timeoutMs: 120_000 })
    expect([await output('ufw show added; ufw status verbose; cat /etc/ufw/after.rules /etc/ufw/after6.rules'), await saved()]).toEqual(
      loaded,
    )
    const files = file === undefined ? [] : [file]
    expect(await differences('ufw', files)).toEqual(['tcp 8080 by IPv4', 'tcp 8080 by IPv6'])
    await server.ufw(['delete allow 8080/tcp'])
    expect(await differences('ufw', files)).toEqual([])
    await server.ufw(['delete allow 80,443/tcp'])
    expect(await differences('ufw', files)).toEqual(['tcp 80 by IPv4', 'tcp 443 by IPv4', 'tcp 80 by IPv6', 'tcp 443 by IPv6'])
    await server.ufw(['reset'])
  })

  it('M12 · ufw: whoever is connected by SSH is not left without it', async () => {
    const { files } = await rendered('ufw', policyOf('version: 1\nservices: { https: { port: 443, from: internet } }\n'))
    await server.write('/run/without.sh', files[0]?.text ?? '')
    const before = await saved()
    const env = { SSH_CONNECTION: '203.0.113.7 50000 198.51.100.10 22' }
    const { code, stderr } = await server.run(['/bin/sh', '/run/without.sh'], { env, exit: 'any' })
    expect(code).toBe(1)
    expect(stderr).toContain('nobody may connect by SSH after this')
    expect(await saved()).toBe(before)
  })

  it.each(['nftables', 'iptables'])('C1 · %s: what check found reachable it finds no more', async (system) => {
    const folder = '/run/deployment'
    await server.write(`${folder}/sallyport.yaml`, POLICY_TEXT)
    const found = async (): Promise<ReadonlySet<string>> => {
      const words = ['check', folder, '--scope', 'host', '--format', 'json', '--fail-on', 'never']
      const { stdout } = await server.run([process.execPath, CLI, ...words], { exit: 'any' })
      const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly rule: string }[] }
      return new Set(findings.map(({ rule }) => rule))
    }
    // There is no nginx behind the door.
    expect(await found()).toEqual(new Set(['private-reachable', 'common-port', 'route-missing']))
    await install(system)
    await server.run(load[system] ?? [])
    expect(await found()).toEqual(new Set(['route-missing']))
  })

  it.each(Object.keys(load))('M12 · %s: neighbours find each other by IPv6, pings are answered, too many are not', async (system) => {
    await install(system)
    await server.run(load[system] ?? [])
    const { neighbour } = lab.hosts
    const answered = async (count: number): Promise<number> => Number((await neighbour.run(['python3', '-c', PING, String(count)])).stdout)
    const found = (): Promise<string> =>
      lab.probe({ from: { host: 'neighbour' }, to: { address: '2001:db8:51::10', port: 443 }, protocol: 'tcp', timeoutMs: 1000 })
    const forget = async (): Promise<void> => {
      // The lab's own entries are permanent: without them they have to ask.
      for (const host of [server, neighbour]) await host.run(['ip', '-6', 'neigh', 'flush', 'dev', 'internet', 'nud', 'all'])
    }
    await forget()
    expect(await found()).toBe('delivered')
    expect(await answered(1)).toBe(1)
    expect(await answered(400)).toBeLessThan(200)
    // Without the rules for it nobody is found.
    await output('nft flush chain inet sallyport control 2>/dev/null || ip6tables -I SALLYPORT-INPUT -p ipv6-icmp -j DROP')
    await forget()
    expect(await found()).not.toBe('delivered')
  })

  it.each(Object.keys(load))('M12 · %s: a connection that stands goes on when the rules let in no further one', async (system) => {
    await install(system)
    const { neighbour } = lab.hosts
    const port = system === 'nftables' ? 9101 : 9102
    // Says a word whenever it gets one, and one of its own when the file is there.
    const serve = `import socket,os,time
s=socket.create_server(('198.51.100.10',${port})); c,_=s.accept(); c.settimeout(0.1)
while True:
  try: c.sendall(b'echo '+c.recv(100))
  except TimeoutError: pass
  if os.path.exists('/run/say'): os.unlink('/run/say'); c.sendall(b'own ')`
    const talk = `import socket,sys
c=socket.create_connection(('198.51.100.10',${port})); c.settimeout(5)
c.sendall(b'one'); print(c.recv(100).decode(), flush=True)
print(c.recv(100).decode(), flush=True)
c.sendall(b'two'); print(c.recv(100).decode(), flush=True)`
    const listening = await server.spawn(['python3', '-c', serve])
    await server.untilListening([{ protocol: 'tcp', port }])
    const talking = await neighbour.spawn(['python3', '-c', talk])
    await expect.poll(() => talking.stdout, { timeout: 5000 }).toContain('echo one')
    await server.run(load[system] ?? [])
    expect(await lab.probe({ from: { host: 'neighbour' }, to: { address: '198.51.100.10', port }, protocol: 'tcp' })).toBe('dropped')
    await server.write('/run/say', '')
    await expect.poll(() => talking.stdout, { timeout: 5000 }).toContain('echo two')
    await talking.stop()
    await listening.stop()
  })
})

/** Every policy of the golden files is one that the programs take. */
await describeLab('golden packet filters', () => {
  let lab: Awaited<ReturnType<typeof build>>
  beforeAll(async () => {
    lab = await build()
  })
  afterAll(() => lab?.close())

  const cases = readFileSync(new URL('../test/render/golden/nftables.golden', import.meta.url), 'utf8')
    .split(/^#### /m)
    .slice(1)
    .map((text) => ({
      title: text.split('\n', 1)[0],
      policy: /^=== sallyport.yaml\n([\s\S]*?)^----$/m.exec(text)?.[1] ?? '',
      written: text.includes('>>>'),
    }))
    .filter(({ written }) => written)

  it.each(cases)('V5 · taken by nft and by both iptables: $title', async ({ policy }) => {
    const { server } = lab.hosts
    const nft = await rendered('nftables', policyOf(policy))
    for (const { text } of nft.files) await server.run(['nft', '-c', '-f', '-'], { input: text })
    const { files } = await rendered('iptables', policyOf(policy))
    for (const { path, text } of files.filter(({ mode }) => mode === undefined))
      for (const backend of ['nft', 'legacy'])
        await server.run([`${path.endsWith('v6') ? 'ip6tables' : 'iptables'}-${backend}-restore`, '--test', '--noflush'], { input: text })
    for (const { text } of (await rendered('ufw', policyOf(policy))).files) await server.run(['/bin/sh', '-n'], { input: text })
  })
})
