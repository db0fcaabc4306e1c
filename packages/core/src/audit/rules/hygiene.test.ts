import { describe, expect, it } from 'vitest'
import { said, server, table } from '../../../test/filtered-server.ts'
import { address, device, prefix, socket } from '../../../test/reach.ts'
import { see } from '../../../test/server.ts'

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
