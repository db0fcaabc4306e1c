import { describe, expect, it } from 'vitest'
import { parseAddress } from '../network/index.ts'
import { type Claim, type Container, type Evidence, type Process, show, type Socket } from '../evidence/index.ts'
import { buildHost, isReservation, userlandProxyTarget } from './index.ts'

const address = (text: string) => {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new RangeError(text)
  return parsed
}
const see = <C extends Claim>(claim: C): Evidence<C> => ({
  claim,
  origin: { kind: 'kernel', path: '/proc' },
  standing: 'running',
  host: 'server',
  namespace: '1',
  capturedAt: 0,
})

const SOCKET: Socket = {
  claim: 'socket',
  protocol: 'tcp',
  address: address('0.0.0.0'),
  port: 8080,
  accepts: 'ipv4',
  inode: '7',
  processes: [9],
}
const PROCESS: Process = {
  claim: 'process',
  pid: 9,
  parent: 1,
  name: 'docker-proxy',
  command: '/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80'
    .split(' ')
    .map((word) => show(word)),
  executable: '/usr/bin/docker-proxy',
  trusted: true,
  namespace: '1',
  environment: new Map(),
}
const CONTAINER: Container = {
  claim: 'container',
  engine: 'docker',
  id: 'c1',
  name: 'web',
  image: 'web',
  running: true,
  networkMode: 'bridge',
  networks: [{ name: 'bridge', addresses: [address('172.17.0.2')] }],
  published: [
    { protocol: 'tcp', hostAddress: address('0.0.0.0'), hostPorts: { first: 8080, last: 8080 }, containerPorts: { first: 80, last: 80 } },
  ],
  restart: 'no',
}

function target(change: { process?: Partial<Process>; container?: Partial<Container>; socket?: Partial<Socket> }) {
  const socket = see({ ...SOCKET, ...change.socket })
  const host = buildHost([
    see({ claim: 'namespace', id: '1', kind: 'host', label: 'server' }),
    socket,
    see({ ...PROCESS, ...change.process }),
    see({ ...CONTAINER, ...change.container }),
  ])
  return host && userlandProxyTarget(host, socket)
}

describe('the proxy of an engine', () => {
  it('is one that the engine publishes a port by', () => {
    expect(target({})).toEqual({ address: address('172.17.0.2'), port: 80 })
    expect(target({ socket: { address: address('::'), accepts: 'dual' } })).toEqual({ address: address('172.17.0.2'), port: 80 })
  })

  it.each<[string, Parameters<typeof target>[0]]>([
    ['is not from a file of root’s', { process: { trusted: false } }],
    ['runs another program', { process: { executable: '/usr/bin/python3' } }],
    ['shows no program', { process: { executable: '/usr/bin/docker-proxy (deleted)' } }],
    ['names a container that is not there', { container: { networks: [] } }],
    ['names a container that is stopped', { container: { running: false } }],
    ['names a container that publishes nothing', { container: { published: [] } }],
    ['listens on another port', { socket: { port: 8081 } }],
    ['listens on another address', { socket: { address: address('192.168.1.10') } }],
    ['listens by another protocol', { socket: { protocol: 'udp' } }],
    ['names no target', { process: { command: [show('/usr/bin/docker-proxy')] } }],
  ])('E1 · is none that %s', (_, change) => {
    expect(target(change)).toBeUndefined()
  })
})

describe('a socket that keeps its port', () => {
  const CONMON: Process = {
    ...PROCESS,
    name: 'conmon',
    executable: '/usr/bin/conmon',
    manager: { kind: 'container', id: 'c1', engine: 'podman' },
  }
  const isOne = (change: Partial<Process>, others: readonly number[] = []) => {
    const socket = see({ ...SOCKET, processes: [9, ...others] })
    const host = buildHost([see({ claim: 'namespace', id: '1', kind: 'host', label: 'server' }), socket, see({ ...CONMON, ...change })])
    return host && isReservation(host, socket)
  }

  it('is conmon’s, of root and of a container', () => {
    expect(isOne({})).toBe(true)
  })

  it.each<[string, Partial<Process>]>([
    ['of another user', { trusted: false }],
    ['of another program of that name', { executable: '/usr/bin/python3' }],
    ['of no container', { manager: { kind: 'systemd', unit: 'conmon.service' } }],
  ])('is none %s', (_, change) => {
    expect(isOne(change)).toBe(false)
  })

  it('is none where somebody else holds it too', () => {
    expect(isOne({}, [10])).toBe(false)
  })
})
