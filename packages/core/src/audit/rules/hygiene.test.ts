import { describe, expect, it } from 'vitest'
import { rulesets } from '../../../test/netfilter/printed.ts'
import { address, device, prefix, route, socket } from '../../../test/reach.ts'
import { CONTEXT, see } from '../../../test/server.ts'
import { type Claim, type Evidence, type FilterLoader, type Netfilter, type Ruleset, Text } from '../../evidence/index.ts'
import { parsePolicy } from '../../policy/index.ts'
import { readIptablesSave } from '../../systems/netfilter/iptables/save.ts'
import { readNftText } from '../../systems/netfilter/nft/text/index.ts'
import { audit } from '../index.ts'

/** A server with a public address of each family, and these rules. */
function server(iptables: string, ip6tables?: string): readonly Evidence[] {
  const files = new Map([['iptables-legacy', iptables], ...(ip6tables === undefined ? [] : [['ip6tables-legacy', ip6tables] as const])])
  return [
    see({ claim: 'namespace', id: '1', kind: 'host', label: 'server' }),
    see({ claim: 'boundary', kind: 'none', label: 'nothing' }),
    see(device('lo', ['127.0.0.1/8', '::1/128'], { loopback: true })),
    see(device('eth0', ['192.0.2.10/24', '2001:db8::10/64'])),
    ...['local 127.0.0.0/8 lo', 'local ::1 lo', 'local 192.0.2.10 eth0', 'local 2001:db8::10 eth0', 'unicast 192.0.2.0/24 eth0'].map(
      (text) => see(route(text)),
    ),
    ...['unicast 2001:db8::/64 eth0', 'unicast 0.0.0.0/0 eth0 192.0.2.1', 'unicast ::/0 eth0 2001:db8::1'].map((text) => see(route(text))),
    ...rulesets(files).map((ruleset) => see({ claim: 'netfilter', ruleset })),
  ]
}

const table = (...rules: readonly string[]): string =>
  `*filter\n:INPUT DROP [0:0]\n${rules.map((rule) => `-A INPUT ${rule}\n`).join('')}COMMIT\n`

const OURS = ['firewall-', 'docker-past', 'ipv6-']

function said(evidence: readonly Evidence[], services = ''): readonly string[] {
  const text = `version: 1\nhosts: { localhost: { upstream: none } }\nservices:\n${services}`
  const { policy } = services === '' ? {} : parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' })
  const { findings } = audit({ evidence, policy, folder: '/srv', now: 0, environment: undefined })
  return findings
    .filter(({ rule }) => OURS.some((start) => rule.startsWith(start)))
    .map(({ rule, severity, message }) => `${severity} ${rule}: ${message}`)
}

describe('rules that can never match', () => {
  it('V5 · a port that is denied after it was allowed is medium where a service is open by it, and low where none is', () => {
    const rules = table('-i lo -j ACCEPT', '-p tcp -m multiport --dports 5432,8080 -j ACCEPT', '-p tcp -m tcp --dport 8080 -j DROP')
    expect(said([...server(rules), see(socket('tcp', '0.0.0.0', 8080)), see(socket('tcp', '0.0.0.0', 5432))])).toEqual([
      'medium firewall-rule-contradicted: Rule 3 of INPUT can never match: rule 2 of INPUT, before it, takes all of its packets; it would refuse them, and they are accepted: tcp-8080 can be reached',
    ])
    expect(said([...server(rules), see(socket('tcp', '127.0.0.1', 8080)), see(socket('tcp', '127.0.0.1', 5432))])[0]).toMatch(
      /^low firewall-rule-contradicted: .* they are accepted$/,
    )
  })

  it('V5 · many rules behind one that takes everything are one finding', () => {
    const rules = table('-j DROP', ...Array.from({ length: 30 }, (_, index) => `-s 203.0.113.${index}/32 -j ACCEPT`))
    expect(said(server(rules))).toEqual([
      'low firewall-rule-contradicted: Rules 2, 3, 4, 5, 6, 7, 8, 9 and 22 more of INPUT can never match: rule 1 of INPUT, before them, takes all of their packets; they would accept them, and they are refused',
    ])
  })

  it('M12 · what does the same, and what is said again, cost nothing', () => {
    const rules = table('-s 203.0.113.0/24 -j ACCEPT', '-s 203.0.113.7/32 -j ACCEPT', '-s 203.0.113.0/24 -j ACCEPT')
    expect(said(server(rules))).toEqual([
      'info firewall-rule-hidden: Rule 2 of INPUT can never match: rule 1 of INPUT, before it, takes all of its packets',
      'info firewall-rule-repeated: Rule 3 of INPUT says again what rule 1 of INPUT has said before',
    ])
  })
})

describe('ports that are open with nothing behind them', () => {
  const rules = table('-i lo -j ACCEPT', '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-p tcp -m tcp --dport 8000 -j ACCEPT')
  const opened = 'info firewall-opening-unused: The firewall lets others come to port 8000 (tcp, by IPv4), and'

  it('M12 · no socket, or one of this machine alone', () => {
    expect(said(server(rules))).toEqual([`${opened} nothing listens there`])
    expect(said([...server(rules), see(socket('tcp', '127.0.0.1', 8000))])).toEqual([
      `${opened} tcp-8000 takes connections of this machine alone`,
    ])
    expect(said([...server(rules), see(socket('tcp', '127.0.0.1', 8000))], '  api: { host: localhost, port: 8000 }\n')).toEqual([
      `${opened} api takes connections of this machine alone`,
    ])
  })

  it.each([
    ['a socket', see(socket('tcp', '0.0.0.0', 8000)), ''],
    ['a service of the policy that is down', undefined, '  api: { host: localhost, port: 8000, from: internet }\n'],
    [
      'a container that publishes it',
      see({
        claim: 'container',
        engine: 'docker',
        id: 'a',
        name: 'a',
        image: 'x',
        running: true,
        networkMode: 'bridge',
        networks: [],
        published: [
          {
            protocol: 'tcp',
            hostAddress: address('0.0.0.0'),
            hostPorts: { first: 8000, last: 8000 },
            containerPorts: { first: 80, last: 80 },
          },
        ],
        restart: 'no',
      }),
      '',
    ],
    ['what could not be seen', see({ claim: 'gap', code: 'denied', what: 'sockets', affects: { kind: 'sockets' } }), ''],
  ])('M12 · %s is behind it', (_, behind, services) => {
    expect(said([...server(rules), ...(behind === undefined ? [] : [behind])], services)).toEqual([])
  })

  it('M12 · not where nothing is filtered, for loopback, for long ranges, for the protocol that comes along, or for SSH', () => {
    expect(said(server(rules.replace('INPUT DROP', 'INPUT ACCEPT')))).toEqual([])
    expect(
      said([
        ...server(
          table(
            '-i lo -p tcp -m tcp --dport 8000 -j ACCEPT',
            '-s 127.0.0.0/8 -p tcp -m tcp --dport 8001 -j ACCEPT',
            '-p udp -m udp --dport 16384:32768 -j ACCEPT',
            '-p tcp -m tcp --dport 8443 -j ACCEPT',
            '-p udp -m udp --dport 8443 -j ACCEPT',
            '-p udp -m udp --dport 68 -j ACCEPT',
            '-p tcp -m tcp --dport 22 -j ACCEPT',
          ),
        ),
        see(socket('tcp', '0.0.0.0', 8443)),
      ]),
    ).toEqual([])
  })

  it('M12 · ranges and several ports are one finding, unless one of the range is used', () => {
    const several = table('-p tcp -m tcp --dport 8000:8003 -j ACCEPT', '-p tcp -m multiport --dports 9000,9100,9200:9203 -j ACCEPT')
    expect(said([...server(several), see(socket('tcp', '0.0.0.0', 9202)), see(socket('tcp', '0.0.0.0', 9000))])).toEqual([
      'info firewall-opening-unused: The firewall lets others come to port 9100 (tcp, by IPv4), and nothing listens there',
      'info firewall-opening-unused: The firewall lets others come to ports 8000-8003 (tcp, by IPv4), and nothing listens there',
    ])
    expect(said(server(table('-p tcp -m multiport --dports 9000,9100 -j ACCEPT')))).toEqual([
      'info firewall-opening-unused: The firewall lets others come to port 9000 (tcp, by IPv4), and nothing listens there; likewise tcp 9100',
    ])
  })

  it('M12 · a port that a rule translates', () => {
    const nat = '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 8000 -j REDIRECT --to-ports 3000\nCOMMIT\n'
    expect(said([...server(`${nat}${rules}`), see(socket('tcp', '0.0.0.0', 3000))])).toEqual([])
  })
})

describe('rules that nothing loads at boot', () => {
  const rules = table('-i lo -j ACCEPT', '-p tcp -m tcp --dport 22 -j ACCEPT')
  const sockets = [see(socket('tcp', '0.0.0.0', 22)), see(socket('tcp', '0.0.0.0', 6379))]
  const start = (loaders: readonly FilterLoader[], complete = true): Evidence<Claim> => ({
    ...see({ claim: 'filter-start', loaders, complete }),
    standing: 'configured',
  })

  it('V5 · are told where they protect something', () => {
    expect(said([...server(rules), ...sockets, start([])])).toEqual([
      'medium firewall-not-persistent: Nothing loads 2 rules and the policy of one chain of the packet filter when this machine starts again: then the internet (IPv4) can reach tcp-6379 (tcp 0.0.0.0:6379)',
    ])
    expect(said([...server(rules), sockets[0] as Evidence, start([])])).toEqual([])
    expect(said([...server(rules), ...sockets, start([])], '  redis: { host: localhost, port: 6379, from: internet }\n')).toEqual([])
  })

  it.each([
    ['they are loaded', start([{ program: 'netfilter-persistent', loads: ['iptables'] }])],
    ['a script may load them', start([{ program: '/etc/rc.local', loads: ['nft', 'iptables', 'ip6tables'] }])],
    ['not all was seen', start([], false)],
  ])('C4 · are not told where %s', (_, seen) => {
    expect(said([...server(rules), ...sockets, seen])).toEqual([])
  })

  it('V5 · of one family alone, where the other is saved', () => {
    const both = [see(socket('tcp', '::', 6379))]
    const six = '*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n'
    const used = [...both, sockets[0] as Evidence]
    expect(said([...server(rules, six), ...used, start([{ program: 'netfilter-persistent', loads: ['iptables'] }])])).toEqual([
      'medium firewall-not-persistent: Nothing loads one rule and the policy of one chain of the packet filter when this machine starts again: then the internet (IPv6) can reach tcp-6379 (tcp *:6379)',
    ])
  })

  it('V5 · ufw loads its own and what stands in its files, and nothing else', () => {
    const ufw = `*filter
:INPUT DROP [0:0]
:ufw-before-input - [0:0]
:ufw-user-input - [0:0]
-A INPUT -j ufw-before-input
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -s 198.51.100.0/24 -j DROP
-A ufw-before-input -j ufw-user-input
-A ufw-user-input -p tcp -m tcp --dport 6379 -j ACCEPT
COMMIT
`
    const [configured] = rulesets(new Map([['iptables-legacy', ufw]]))
    const byHand = ufw.replace('-A INPUT -j', '-A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 6379 -j DROP\n-A INPUT -j')
    const files: Evidence = {
      ...CONTEXT,
      standing: 'configured',
      origin: { kind: 'kernel', path: '/etc/ufw' },
      claim: { claim: 'netfilter', ruleset: { tool: 'ufw', tables: configured?.tables ?? [], unread: [] } },
    }
    const starting = start([{ program: 'ufw', loads: [] }])
    const socket6379 = sockets[1] as Evidence
    expect(said([...server(ufw), socket6379, files, starting])).toEqual([])
    expect(said([...server(byHand), socket6379, files, starting])).toEqual([
      'medium firewall-not-persistent: Nothing loads one rule of the packet filter when this machine starts again: then 203.0.113.0/24 (IPv4) can reach tcp-6379 (tcp 0.0.0.0:6379)',
    ])
    // What somebody has written into before.rules comes back.
    const [written] = rulesets(new Map([['iptables-legacy', byHand]]))
    const more: Evidence = { ...files, claim: { claim: 'netfilter', ruleset: { tool: 'ufw', tables: written?.tables ?? [], unread: [] } } }
    expect(said([...server(byHand), socket6379, more, starting])).toEqual([])
    expect(said([...server(ufw), socket6379, files, start([])])[0]).toMatch(/^medium firewall-not-persistent: Nothing loads/)
  })
})

describe('rules that a file loads at boot', () => {
  const sockets = [see(socket('tcp', '0.0.0.0', 22)), see(socket('tcp', '0.0.0.0', 6379))]
  const runs = ['-i lo -j ACCEPT', '-p tcp -m tcp --dport 22 -j ACCEPT']
  const fileOrigin = (path: string) => new Text(path, '').origin(0, 0)
  const loads = (...loaders: readonly FilterLoader[]): Evidence => ({
    ...see({ claim: 'filter-start', loaders, complete: true }),
    standing: 'configured',
  })
  const persistent: FilterLoader = { program: 'netfilter-persistent', loads: ['iptables'], origin: fileOrigin('/etc/iptables/rules.v4') }
  const nftables: FilterLoader = { program: 'nftables', loads: ['nft', 'iptables', 'ip6tables'], origin: fileOrigin('/etc/nftables.conf') }
  const file = (path: string, ruleset: Ruleset): Evidence => ({
    ...CONTEXT,
    standing: 'configured',
    origin: fileOrigin(path),
    claim: { claim: 'netfilter', ruleset },
  })
  const v4 = (text: string) =>
    file('/etc/iptables/rules.v4', readIptablesSave(text, { family: 4, backend: 'nft', path: '/etc/iptables/rules.v4' }).ruleset)
  const told = (running: string, saved: string) => said([...server(running), ...sockets, v4(saved), loads(persistent)])

  it('C4 · are the same as those that run', () => {
    expect(told(table(...runs), `# Generated by iptables-save v1.8.9\n${table(...runs)}`)).toEqual([])
  })

  it('V5 · let in what those that run keep out', () => {
    expect(told(table(...runs), table(...runs, '-p tcp -m tcp --dport 6379 -j ACCEPT'))).toEqual([
      'medium firewall-not-persistent: When this machine starts again, one rule of the packet filter is loaded that does not run now: then the internet (IPv4) can reach tcp-6379 (tcp 0.0.0.0:6379)',
    ])
  })

  it('V5 · do not have what was added since', () => {
    const since = [...runs, '-s 203.0.113.0/24 -p tcp -m tcp --dport 6379 -j DROP']
    const open = (rules: readonly string[]) => table(...rules).replace('INPUT DROP', 'INPUT ACCEPT')
    expect(told(open(since), open(runs))).toEqual([
      'medium firewall-not-persistent: Nothing loads one rule of the packet filter when this machine starts again: then 203.0.113.0/24 (IPv4) can reach tcp-6379 (tcp 0.0.0.0:6379)',
    ])
    expect(told(table(...runs), open(runs))[0]).toContain('Nothing loads the policy of one chain')
    expect(told(table(...runs), table('-p tcp -j ACCEPT'))[0]).toContain('Nothing loads 2 rules')
  })

  it('C4 · of a table that no file has, none come back', () => {
    expect(told(table(...runs), '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n')[0]).toContain(
      'Nothing loads 2 rules and the policy of one chain',
    )
  })

  it.each([
    ['another file may load them too', loads(persistent, { program: '/etc/rc.local', loads: ['iptables'] })],
    ['ufw loads rules beside them', loads(persistent, { program: 'ufw', loads: [] })],
    ['the same table is loaded twice', loads(persistent, persistent)],
  ])('C4 · are not told where %s', (_, start) => {
    const saved = v4(table('-p tcp -j ACCEPT'))
    const ufw: Evidence = {
      ...saved,
      origin: { kind: 'kernel', path: '/etc/ufw' },
      claim: { claim: 'netfilter', ruleset: { ...(saved.claim as Netfilter).ruleset, tool: 'ufw' } },
    }
    expect(said([...server(table(...runs)), ...sockets, saved, ufw, start])).toEqual([])
  })

  it('M1 · what Docker wrote it writes again, whatever of it was saved', () => {
    const docker = (user: string, dnat: string) => `*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination ${dnat}
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A INPUT -i lo -j ACCEPT
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
${user}-A DOCKER-USER -j RETURN
COMMIT
`
    const running = docker('', '172.17.0.2:80')
    // The address of a container that is gone was saved, and is translated by nobody.
    expect(told(running, docker('', '172.17.0.9:80'))).toEqual([])
    expect(
      told(
        running.replace('INPUT DROP', 'INPUT ACCEPT').replace('-i lo -j ACCEPT', '-p tcp -m tcp --dport 6379 -j DROP'),
        docker('', '172.17.0.9:80').replace('INPUT DROP', 'INPUT ACCEPT'),
      )[0],
    ).toContain('Nothing loads one rule')
  })

  it('C4 · whom fail2ban keeps out it keeps out again', () => {
    const banned = (rule: string) =>
      `*filter\n:INPUT ACCEPT [0:0]\n:f2b-redis - [0:0]\n-A INPUT -p tcp -m tcp --dport 6379 -j f2b-redis\n${rule}-A f2b-redis -j RETURN\nCOMMIT\n`
    expect(told(banned('-A f2b-redis -s 203.0.113.7/32 -j DROP\n'), banned(''))).toEqual([])
    const nobody = (rule: string) => banned(rule).replace('INPUT ACCEPT', 'INPUT DROP').replace('-A f2b-redis -j RETURN\n', '')
    // Something else is gone, so that there is something to compute.
    const running = nobody('').replace('-A INPUT', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT')
    expect(told(running, nobody('-A f2b-redis -j ACCEPT\n'))).toEqual([])
  })

  it('V5 · by nftables.service are those of its file', () => {
    const nft = (rules: string) => {
      const text = new Text(
        '/etc/nftables.conf',
        `flush ruleset\ntable inet filter {\n chain input {\n  type filter hook input priority filter; policy drop;\n  ${rules}\n }\n}\n`,
      )
      return readNftText(text, { file: () => undefined, glob: () => [], resolve: () => undefined }).ruleset
    }
    const running = (rules: string) => [
      ...server('*filter\nCOMMIT\n').filter(({ claim }) => claim.claim !== 'netfilter'),
      see({ claim: 'netfilter', ruleset: nft(rules) }),
      ...sockets,
    ]
    const rules = 'iif "lo" accept\n  tcp dport 22 accept'
    expect(said([...running(rules), file('/etc/nftables.conf', nft(rules)), loads(nftables)])).toEqual([])
    expect(said([...running(rules), file('/etc/nftables.conf', nft(`${rules}\n  tcp dport 6379 accept`)), loads(nftables)])).toEqual([
      'medium firewall-not-persistent: When this machine starts again, one rule of the packet filter is loaded that does not run now: then the internet (IPv4) can reach tcp-6379 (tcp 0.0.0.0:6379)',
    ])
  })
})

describe('container addresses', () => {
  const network = see({
    claim: 'container-network',
    engine: 'docker',
    id: 'n',
    name: 'bridge',
    driver: 'bridge',
    internal: false,
    bridge: 'docker0',
    subnets: [prefix('172.17.0.0/16')],
  })
  const container = see({
    claim: 'container',
    engine: 'docker',
    id: 'a',
    name: 'a',
    image: 'x',
    running: true,
    networkMode: 'bridge',
    networks: [{ name: 'bridge', addresses: [address('172.17.0.2')] }],
    published: [],
    restart: 'no',
  })
  const rules = `*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -p tcp -m tcp --dport 5000 -j DNAT --to-destination 172.17.0.9:5000
-A DOCKER -p tcp -m tcp --dport 6000 -j DNAT --to-destination 172.17.0.11:5000
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:DOCKER-USER - [0:0]
-A DOCKER-USER -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j DROP
-A DOCKER-USER -d 172.17.0.7/32 -p tcp -m tcp --dport 80 -j DROP
-A DOCKER-USER -s 172.17.0.1/32 -j ACCEPT
-A DOCKER-USER -s 172.17.0.0/16 -j ACCEPT
-A DOCKER-USER -d 172.30.0.4/32 -j ACCEPT
COMMIT
`

  it('M1 · that no container has', () => {
    expect(said([...server(rules), see(device('docker0', ['172.17.0.1/16'])), network, container])).toEqual([
      'low firewall-container-address: A rule of the packet filter names 172.17.0.7 of the container network bridge, which no container has: whoever gets it next gets what the rule says',
      'low firewall-container-address: A rule of the packet filter names 172.17.0.9 of the container network bridge, which no container has: whoever gets it next gets the packets',
    ])
  })

  it('M1 · are not told of networks whose addresses others have too', () => {
    const lan = { ...network, claim: { ...network.claim, driver: 'macvlan' } }
    expect(said([...server(rules), see(device('docker0', ['172.17.0.1/16'])), lan, container])).toEqual([])
  })

  it('C4 · are not told where containers could not be seen', () => {
    const gap = see({ claim: 'gap', code: 'denied', what: 'containers', affects: { kind: 'containers' } })
    expect(said([...server(rules), network, gap])).toEqual([])
  })
})

describe('IPv6', () => {
  const admin = table('-i lo -j ACCEPT', '-s 203.0.113.7/32 -p tcp -m tcp --dport 22 -j ACCEPT')
  const ssh = see(socket('tcp', '::', 22))

  it('C2 · is told where it is open to all, and IPv4 to some addresses, or to none', () => {
    expect(said([...server(admin), ssh])).toEqual([
      'high ipv6-unfiltered: tcp-22 on tcp *:22 is open to 203.0.113.7 (IPv4) alone and open by IPv6: the internet (IPv6) can reach it',
    ])
    expect(said([...server(table('-i lo -j ACCEPT')), ssh])).toEqual([
      'high ipv6-unfiltered: tcp-22 on tcp *:22 is closed by IPv4 and open by IPv6: the internet (IPv6) can reach it',
    ])
  })

  it('C2 · is not where IPv4 is open to all but some, or IPv6 to some', () => {
    const bans = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 203.0.113.7/32 -p tcp -m tcp --dport 22 -j DROP\nCOMMIT\n'
    expect(said([...server(bans), ssh])).toEqual([])
    const six = table('-i lo -j ACCEPT', '-s 2001:db8:7::/48 -p tcp -m tcp --dport 22 -j ACCEPT')
    expect(said([...server(admin, six), ssh])).toEqual([])
  })
})
