import { describe, expect, it } from 'vitest'
import { address, device, machine, namespace, route, rule, socket } from '../../test/reach.ts'
import { type Claim, type Container, type Evidence, type Gap, type Process, type Ruleset, show } from '../evidence/index.ts'
import { formatAddress, hasAddress, sourceAddresses } from '../network/index.ts'
import { readIptablesSave } from '../systems/netfilter/index.ts'
import { computeReach, type FromMachine, type HostModel, type NamespaceModel, type Way } from './index.ts'

const seen = <C extends Claim>(claim: C): Evidence<C> => ({
  claim,
  origin: { kind: 'kernel', path: '/proc' },
  standing: 'running',
  host: 'server',
  namespace: 'server',
  capturedAt: 0,
})

/** Rules as `nat OUTPUT …`, of one family. */
function rules(...lines: readonly string[]): readonly Evidence<{ claim: 'netfilter'; ruleset: Ruleset }>[] {
  const tables = new Map<string, string[]>()
  for (const line of lines) {
    const [table = '', ...words] = line.split(' ')
    tables.set(table, [...(tables.get(table) ?? []), `-A ${words.join(' ')}`])
  }
  const text = [...tables].map(
    ([table, own]) => `*${table}\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\n${own.join('\n')}\nCOMMIT\n`,
  )
  return [seen({ claim: 'netfilter', ruleset: readIptablesSave(text.join(''), { family: 4, backend: 'nft' }).ruleset })]
}

const LO = device('lo', ['127.0.0.1/8', '::1/128'], { loopback: true, kind: 'loopback' })

/** A server with a container behind it that listens on 5432. */
function server(parts: Partial<NamespaceModel>, more: Partial<HostModel> = {}, container: Partial<NamespaceModel> = {}): HostModel {
  const inside = device('eth0', ['10.77.0.2/24'], { index: 2, kind: 'veth', peer: { index: 7, elsewhere: true } })
  const own = namespace('server', {
    kind: 'host',
    interfaces: [
      LO,
      device('eth0', ['192.0.2.1/24'], { index: 3 }),
      device('veth7', ['10.77.0.1/24'], { index: 7, kind: 'veth', peer: { index: 2, elsewhere: true } }),
    ],
    routes: ['unicast 0.0.0.0/0 eth0 192.0.2.254', 'unicast 192.0.2.0/24 eth0', 'unicast 10.77.0.0/24 veth7'].map(route),
    ...parts,
  })
  const other = namespace('container', { interfaces: [inside], sockets: [seen(socket('tcp', '0.0.0.0', 5432))], ...container })
  return { ...machine(own, other), ...more }
}

function toContainer(host: HostModel): FromMachine {
  return (
    computeReach(host, 'none')
      .find(({ endpoint }) => endpoint.namespace === 'container')
      ?.fromMachine?.() ?? expect.fail()
  )
}

/** `open`, `maybe: reasons`, `dropped`, `rejected` or `nothing` for what the machine sends as `source`. */
function verdict(host: HostModel, at: string, source = '192.0.2.1'): string {
  const { ways, blocked } = toContainer(host)
  const [to = '', port] = at.split(' ')
  const isIt = (item: Pick<Way, 'at' | 'sources'>): boolean =>
    formatAddress(item.at.address) === to && item.at.port === Number(port) && hasAddress(sourceAddresses(item.sources), address(source))
  const way = ways.find((item) => isIt(item) && item.certainty === 'open') ?? ways.find(isIt)
  if (way !== undefined) return [way.certainty, ...way.reasons.map(({ text }) => text)].join(': ')
  const stopped = blocked.find(isIt)
  return stopped === undefined ? 'nothing' : stopped.rejected ? 'rejected' : 'dropped'
}

describe('what the machine itself sends', () => {
  it('C3 · goes to a container by its own address: routed out, and across', () => {
    const { ways, blocked } = toContainer(server({}))
    const [way] = ways
    expect(way?.path.map(({ kind }) => kind)).toEqual(['send', 'netfilter', 'cross', 'netfilter', 'socket'])
    expect(way?.path[0]).toMatchObject({ kind: 'send', source: address('10.77.0.1') })
    expect(way).toMatchObject({ sender: 'host', certainty: 'open', entire: true, entry: { namespace: 'server', device: 'veth7' } })
    expect([ways.length, blocked]).toEqual([1, []])
  })

  it('is told apart from who comes in, and of the machine’s own endpoints not at all', () => {
    const host = server({ sockets: [seen(socket('tcp', '0.0.0.0', 22))] })
    const before = computeReach(host, 'none')
    expect(before.find(({ endpoint }) => endpoint.port === 22)?.fromMachine).toBeUndefined()
    expect(before.flatMap(({ ways }) => ways).some(({ path }) => path[0]?.kind === 'send')).toBe(false)
  })

  it.each([
    ['a destination', ['filter OUTPUT -d 10.77.0.2 -j DROP'], '10.77.0.2 5432', '192.0.2.1', 'dropped'],
    ['one of its sources', ['filter OUTPUT -s 192.0.2.1 -j REJECT'], '10.77.0.2 5432', '192.0.2.1', 'rejected'],
    ['not its other sources', ['filter OUTPUT -s 192.0.2.1 -j REJECT'], '10.77.0.2 5432', '10.77.0.1', 'open'],
    ['INPUT is not met by what leaves', ['filter INPUT -j DROP'], '10.77.0.2 5432', '192.0.2.1', 'open'],
    [
      'somebody’s packets',
      ['filter OUTPUT -m owner --uid-owner 33 -j DROP'],
      '10.77.0.2 5432',
      '192.0.2.1',
      'maybe: -m owner --uid-owner 33',
    ],
  ])('rules of OUTPUT: %s', (_title, filters, at, source, expected) => {
    expect(verdict(server({ filters: rules(...filters) }), at, source)).toBe(expected)
  })

  it.each([
    ['its own address, translated', '-d 192.0.2.1 -p tcp --dport 80', '192.0.2.1 80', '192.0.2.1', 'open'],
    ['whatever address, translated', '-p tcp --dport 80', '192.0.2.1 80', '192.0.2.1', 'open'],
    ['an address of nobody here', '-d 203.0.113.5 -p tcp --dport 80', '203.0.113.5 80', '192.0.2.1', 'open'],
    ['a network of nobody here', '-d 203.0.113.0/24 -p tcp --dport 80', '203.0.113.1 80', '192.0.2.1', 'open'],
    ['127.0.0.1 by a source that may not leave', '-p tcp --dport 80', '127.0.0.1 80', '127.0.0.1', 'dropped'],
    ['127.0.0.1 by one that may', '-p tcp --dport 80', '127.0.0.1 80', '192.0.2.1', 'open'],
    ['all but loopback', '! -d 127.0.0.0/8 -p tcp --dport 80', '127.0.0.1 80', '127.0.0.1', 'nothing'],
  ])('M1 · nat OUTPUT: %s', (_title, match, at, source, expected) => {
    expect(verdict(server({ filters: rules(`nat OUTPUT ${match} -j DNAT --to-destination 10.77.0.2:5432`) }), at, source)).toBe(expected)
  })

  it('M1 · route_localnet lets 127.0.0.1 leave, and where it comes in as itself it is a martian', () => {
    const settings = new Map([['net.ipv4.conf.veth7.route_localnet', '1']])
    const dnat = 'nat OUTPUT -p tcp --dport 80 -j DNAT --to-destination 10.77.0.2:5432'
    const last = (host: HostModel) => toContainer(host).blocked.flatMap(({ path }) => path.slice(-1))
    expect(last(server({ filters: rules(dnat) }))).toMatchObject([{ namespace: 'server', step: { kind: 'martian', own: true } }])
    expect(last(server({ settings, filters: rules(dnat) }))).toMatchObject([{ namespace: 'container', step: { kind: 'martian' } }])
    expect(verdict(server({ settings, filters: rules(dnat) }), '127.0.0.1 80', '127.0.0.1')).toBe('dropped')
    const masked = [dnat, 'nat POSTROUTING -o veth7 -m addrtype --src-type LOCAL -j MASQUERADE']
    expect(verdict(server({ settings, filters: rules(...masked) }), '127.0.0.1 80', '127.0.0.1')).toBe('open')
  })

  it('the reverse path filter of a container takes what it has a way back to', () => {
    const strict = { routes: [route('unicast 10.77.0.0/24 eth0')], settings: new Map([['net.ipv4.conf.all.rp_filter', '1']]) }
    const host = server({}, {}, strict)
    expect(verdict(host, '10.77.0.2 5432', '10.77.0.1')).toBe('open')
    expect(verdict(host, '10.77.0.2 5432', '192.0.2.1')).toBe('dropped')
    expect(toContainer(host).blocked).toMatchObject([{ entire: false }])
    const masked = { filters: rules('nat POSTROUTING -o veth7 -j MASQUERADE') }
    expect(verdict(server(masked, {}, strict), '10.77.0.2 5432', '192.0.2.1')).toBe('open')
    const elsewhere = { ...strict, routes: [route('unicast 10.99.0.0/24 eth0')] }
    expect(verdict(server(masked, {}, elsewhere), '10.77.0.2 5432', '192.0.2.1')).toBe('dropped')
    const unread = { ...strict, rules: [rule(0, 'local'), rule(9, 'main', { asks: ['ipproto'] })] }
    expect(verdict(server({}, {}, unread), '10.77.0.2 5432', '192.0.2.1')).toMatch(/^maybe: the reverse path filter of eth0 /)
  })

  it('rules of routing tell its sources apart', () => {
    const routes = [...server({}).namespaces.values()][0]?.routes ?? []
    const other = [...routes, route('blackhole 10.77.0.0/24 - - 99')]
    const policy = [rule(0, 'local'), rule(5, '99', { from: { address: address('192.0.2.1'), prefixLength: 32 } }), rule(9, 'main')]
    const host = server({ routes: other, rules: policy })
    expect(verdict(host, '10.77.0.2 5432', '192.0.2.1')).toBe('dropped')
    expect(verdict(host, '10.77.0.2 5432', '10.77.0.1')).toBe('open')
  })
})

describe('what of it cannot be followed', () => {
  const gap = (affects: Gap['affects']): Evidence<Gap> =>
    seen({ claim: 'gap', code: 'denied', what: show('something that was not read'), affects })

  it('C4 · may arrive: routes or rules that were not read', () => {
    const network = server({ gaps: [gap({ kind: 'network', namespace: 'server' })] })
    expect(toContainer(network).ways.filter(({ certainty }) => certainty === 'maybe')).toMatchObject([
      { at: { address: { value: 0n }, port: 5432 }, reasons: [{ text: 'something that was not read' }] },
    ])
    const netfilter = server({ gaps: [gap({ kind: 'netfilter', namespace: 'server' })] })
    expect(verdict(netfilter, '10.77.0.2 5432')).toBe('maybe: something that was not read')
  })

  it('C4 · may arrive: a program at the device that it leaves by', () => {
    const [own] = [...server({}).namespaces.values()]
    const interfaces = (own?.interfaces ?? []).map((item) => (item.name === 'veth7' ? { ...item, programs: ['tc'] } : item))
    expect(verdict(server({ interfaces }), '10.77.0.2 5432')).toBe('maybe: a tc program on veth7 may drop or redirect the packet first')
  })
})

describe('docker-proxy', () => {
  const command = '/usr/bin/docker-proxy -proto tcp -host-ip 127.0.0.1 -host-port 80 -container-ip 10.77.0.2 -container-port 5432'
  const process: Process = {
    claim: 'process',
    pid: 9,
    parent: 1,
    name: 'docker-proxy',
    command: command.split(' ').map((word) => show(word)),
    executable: '/usr/bin/docker-proxy',
    trusted: true,
    namespace: 'server',
    environment: new Map(),
  }
  const container: Container = {
    claim: 'container',
    engine: 'docker',
    id: 'c1',
    name: 'web',
    image: 'web',
    running: true,
    networkMode: 'bridge',
    networks: [{ name: 'bridge', addresses: [address('10.77.0.2')] }],
    published: [
      {
        protocol: 'tcp',
        hostAddress: address('127.0.0.1'),
        hostPorts: { first: 80, last: 80 },
        containerPorts: { first: 5432, last: 5432 },
      },
    ],
    restart: 'no',
  }
  const proxied = (...filters: readonly string[]): HostModel =>
    server(
      { sockets: [seen({ ...socket('tcp', '127.0.0.1', 80), processes: [9] })], filters: rules(...filters) },
      { processes: new Map([[9, seen(process)]]), containers: [seen(container)] },
    )

  it('M1 · takes what is sent to 127.0.0.1 and sends on from the address that routing chooses', () => {
    const host = proxied()
    expect(verdict(host, '127.0.0.1 80', '127.0.0.1')).toBe('open')
    const way = toContainer(host).ways.find(({ at }) => at.port === 80)
    expect(way?.path.map(({ kind }) => kind)).toEqual(['send', 'netfilter', 'userland-proxy', 'netfilter', 'cross', 'netfilter', 'socket'])
    expect(way?.entry.device).toBe('lo')
  })

  it.each([
    ['filter OUTPUT -s 10.77.0.1 -j DROP', 'dropped'],
    ['filter OUTPUT -s 192.0.2.1 -j DROP', 'open'],
    ['filter INPUT -i lo -d 127.0.0.1 -j REJECT', 'rejected'],
    ['filter OUTPUT -o lo -j DROP', 'dropped'],
    ['filter OUTPUT -o veth7 -j REJECT', 'rejected'],
  ])('M1 · its own packets meet OUTPUT as well: %s', (line, expected) => {
    expect(verdict(proxied(line), '127.0.0.1 80', '127.0.0.1')).toBe(expected)
  })

  it('C4 · on loopback is what something not understood may lead to', () => {
    const ways = toContainer(proxied('nat OUTPUT -p tcp --dport 99 -j WHATEVER')).ways.filter(({ at }) => at.port === 99)
    const paths = ways.flatMap(({ path, parts }) => [path, ...(parts ?? []).map((part) => part.path)])
    expect(paths.some((path) => path.some(({ kind }) => kind === 'userland-proxy'))).toBe(true)
    expect(ways.every(({ certainty }) => certainty === 'maybe')).toBe(true)
  })

  it('M1 · is what REDIRECT leads to', () => {
    const redirect = 'nat OUTPUT -d 203.0.113.5 -p tcp --dport 8080 -j REDIRECT --to-ports 80'
    expect(verdict(proxied(redirect), '203.0.113.5 8080')).toBe('open')
  })
})
