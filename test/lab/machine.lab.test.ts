import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addressSet, hasAddress, parseAddress } from '@sallyport/core/network'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import type { ReportData } from '../../packages/cli/src/report/data.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')

const POLICY = `
version: 1
name: shop
hosts:
  server: { upstream: none }
services:
  web: { host: server, port: 443, from: internet }
`

const INTERNET = '8.8.8.8'
const SERVER = '198.51.100.10'
/** A control group by whose name another flag and another inode seem to be told. */
const GROUP = `/run/group/lab-${process.pid} v6only:1 ino:1 `

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'] },
    hosts: { server: { on: { internet: [SERVER, '2001:db8:51::10'] }, defaultRoute: 'internet', forwarding: true } },
  })

/** A namespace `name` with one address, and the host's route to it. */
const namespace = (name: string, net: string) => `
ip netns add ${name}
ip link add v${name} type veth peer name eth0 netns ${name}
ip -n ${name} link set lo up
ip -n ${name} addr add ${net}.2/24 dev eth0
ip -n ${name} link set eth0 up
ip addr add ${net}.1/24 dev v${name}
ip link set v${name} up
ip -n ${name} route add default via ${net}.1
`

const forward = (port: number, to: string) => `iptables -t nat -A PREROUTING -i internet -p tcp --dport ${port} -j DNAT --to ${to}:${port}`

/** What a listener does with the socket `s`. */
const ANSWER = `while True:
    c = s.accept()[0]
    c.recv(999)
    c.send(b'delivered')
    c.close()`

/** Calls itself docker-proxy, with its arguments, and accepts on a port. */
const FORGED = `
import ctypes, socket, sys
ctypes.CDLL(None).prctl(15, b'docker-proxy', 0, 0, 0)
s = socket.socket()
s.setsockopt(1, 2, 1)
s.bind(('0.0.0.0', int(sys.argv[1])))
s.listen(9)
${ANSWER}
`

/** Makes a socket in a namespace, and serves it from outside; \`where\` says what then still knows of the namespace. */
const SERVED_FROM_OUTSIDE = `
import ctypes, os, socket, sys, threading, time
libc = ctypes.CDLL(None)
path, port, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def serve():
    if how == 'private': libc.unshare(0x400)
    own = os.open('/proc/thread-self/ns/net', 0)
    other = os.open(path, 0)
    libc.setns(other, 0)
    s = socket.socket()
    s.bind(('0.0.0.0', port))
    s.listen(9)
    if how != 'thread': libc.setns(own, 0)
    if how not in ('descriptor', 'private'): os.close(other)
    print('ready', flush=True)
${ANSWER.replaceAll(/^/gm, '    ')}
threading.Thread(target=serve).start()
`

/** One socket that listens on every address of both families, or of another protocol. */
const LISTEN = `
import socket, sys, time
kind, port = sys.argv[1], int(sys.argv[2])
s = socket.socket(2, 2, 136) if kind == 'udplite' else socket.socket(10, 1)
s.bind(('0.0.0.0' if kind == 'udplite' else '::', port))
if kind == 'udplite': time.sleep(600)
s.listen(9)
${ANSWER}
`

await describeLab('check on a host whose owner is not its only user', () => {
  let lab: Awaited<ReturnType<typeof build>>
  let report: ReportData

  const sh = (script: string) => lab.hosts.server.run(['bash', '-ec', script], { cwd: '/' })
  const python = (script: string, ...args: readonly string[]) => lab.hosts.server.spawn(['python3', '-c', script, ...args], { cwd: '/' })

  async function check(): Promise<ReportData> {
    const { stdout, stderr } = await lab.hosts.server.run(
      ['node', CLI, 'check', '--scope', 'host', '--policy', '/var/sallyport.yaml', '--format', 'json'],
      { cwd: '/var', exit: 'any', timeoutMs: 60_000 },
    )
    expect(stderr).toBe('')
    // Nothing of a terminal's language.
    // biome-ignore format: one character class
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u)
    return JSON.parse(stdout) as ReportData
  }

  const ways = (port: number, from: ReportData = report) =>
    from.services.flatMap((service) => service.endpoints.filter((endpoint) => endpoint.port === port).flatMap((endpoint) => endpoint.reach))

  function verdict(port: number, client: string = INTERNET, from: ReportData = report): 'open' | 'maybe' | 'closed' {
    const address = parseAddress(client)
    const found = ways(port, from).filter((way) => address !== undefined && hasAddress(addressSet(...way.sources), address))
    return found.some((way) => way.verdict === 'open') ? 'open' : found.length > 0 ? 'maybe' : 'closed'
  }

  const reaches = (port: number) =>
    lab.probe({ from: { zone: 'internet', address: INTERNET }, to: { address: SERVER, port, via: 'server' }, protocol: 'tcp' })

  beforeAll(async () => {
    lab = await build()
    const { server } = lab.hosts
    await server.write('/var/sallyport.yaml', POLICY)
    await server.write('/run/group.sh', 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"')
    await sh(`
${namespace('mounted', '10.77.1')}${forward(7001, '10.77.1.2')}
${namespace('held', '10.77.2')}${forward(7002, '10.77.2.2')}
${namespace('left', '10.77.3')}${forward(7003, '10.77.3.2')}
${namespace('private', '10.77.4')}${forward(7004, '10.77.4.2')}
mkdir -p /run/group && mount -t cgroup2 none /run/group && mkdir -p "${GROUP}"
`)
    await python(SERVED_FROM_OUTSIDE, '/run/netns/mounted', '7001', 'mounted')
    await python(SERVED_FROM_OUTSIDE, '/run/netns/held', '7002', 'descriptor')
    await python(SERVED_FROM_OUTSIDE, '/run/netns/left', '7003', 'thread')
    await python(SERVED_FROM_OUTSIDE, '/run/netns/private', '7004', 'private')
    await python(FORGED, '6666', '-container-ip', '10.77.1.2', '-container-port', '1')
    await python(LISTEN, 'udplite', '9004')
    await server.write('/run/listen.py', LISTEN)
    await server.spawn(['bash', '/run/group.sh', GROUP, 'python3', '/run/listen.py', 'tcp', '9001'], { cwd: '/' })
    await server.spawn([process.execPath, '--inspect=0.0.0.0:23460', '-e', "require('net').createServer().listen(443, '::')"], { cwd: '/' })
    await server.spawn([process.execPath, '-e', 'setInterval(() => {}, 1e9)'], {
      cwd: '/',
      env: { NODE_OPTIONS: '--inspect=0.0.0.0:23461' },
    })
    await server.untilListening([6666, 9001, 443, 23460, 23461].map((port) => ({ protocol: 'tcp', port })))
    await sh('sleep 0.3; for n in held left private; do umount -l /run/netns/$n; rm -f /run/netns/$n; done')
    report = await check()
  }, 120_000)
  afterAll(async () => {
    await sh(`while read -r pid; do echo "$pid" > /run/group/cgroup.procs; done < "${GROUP}/cgroup.procs"; rmdir "${GROUP}"`).catch(
      () => {},
    )
    await lab?.close()
  })

  it.each([
    ['that is mounted, where no process is', 7001],
    ['that a descriptor holds, and nothing else', 7002],
    ['that one thread has entered', 7003],
    ['that a descriptor of one thread alone holds', 7004],
  ])('E1 · a socket in a network namespace %s is seen, and reached as packets reach it', async (_, port) => {
    expect(await reaches(port)).toBe('delivered')
    expect(verdict(port)).toBe('open')
  })

  it('E1 · a process that is named docker-proxy is a service like any other', async () => {
    expect(await reaches(6666)).toBe('delivered')
    expect(verdict(6666)).toBe('open')
  })

  it('C4 · the name of a control group does not close a socket to IPv4', async () => {
    expect(await reaches(9001)).toBe('delivered')
    expect(verdict(9001)).toBe('open')
  })

  it('C2 · a debugger is known by what its process was told, on whichever port, beside a service that is declared', () => {
    const found = report.findings.filter(({ rule }) => rule === 'debugger-reachable')
    expect(found.map(({ severity, message }) => `${severity} ${message.replace(/ can be .*/, '')}`).toSorted()).toEqual([
      'critical the Node inspector on tcp 0.0.0.0:23460',
      'critical the Node inspector on tcp 0.0.0.0:23461',
    ])
  })

  it('C4 · sockets of protocols that are not followed are said to be there', () => {
    expect(report.notSeen.map(({ what }) => what)).toContainEqual(expect.stringMatching(/1 UDP-Lite socket \(port 9004\)/))
  })

  it('names of interfaces that are no JSON change nothing, and reach no terminal', async () => {
    await sh(
      `ip link add $'v\\e"\\\\' type veth peer name "q'"; ip link set $'v\\e"\\\\' up; ip addr add 10.9.9.1/24 dev $'v\\e"\\\\'; ip link set "q'" alias $'a\\e\\n]'`,
    )
    const again = await check()
    expect(again.notSeen).toEqual(report.notSeen)
    expect(verdict(6666, INTERNET, again)).toBe('open')
    for (const args of [
      ['check', '--scope', 'host', '--verbose'],
      ['check', '--scope', 'host', '--format', 'sarif'],
      ['explain', '6666', '--folder', '/var/lib/dpkg'],
    ]) {
      const { stdout, stderr } = await lab.hosts.server.run(['node', CLI, ...args], { cwd: '/var', exit: 'any', timeoutMs: 60_000 })
      expect(stdout).toContain('6666')
      // biome-ignore format: one character class
      expect(stdout + stderr, args.join(' ')).not.toMatch(/[^\P{Cc}\n]/u)
    }
    expect(ways(6666, again).map((way) => way.interface)).toContain('v\\u{1b}"\\')
  })

  it('C4 · an interface whose name cannot be read leaves every verdict open, and says so', async () => {
    await sh(`ip link add $'w\\xff' type veth peer name ww; ip link set $'w\\xff' up`)
    const again = await check()
    expect(again.notSeen).toContainEqual(
      expect.objectContaining({ affects: 'network', what: '1 network interface that could not be read' }),
    )
    expect(await reaches(6666)).toBe('delivered')
    for (const port of [6666, 7001, 9001])
      expect(
        ways(port, again).some((way) => way.verdict === 'maybe' && way.from === 'internet'),
        String(port),
      ).toBe(true)
    await sh(`ip link del ww`)
  })
})
