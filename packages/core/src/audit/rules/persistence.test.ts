import { describe, expect, it } from 'vitest'
import { said, server, table } from '../../../test/filtered-server.ts'
import { rulesets } from '../../../test/netfilter/printed.ts'
import { socket } from '../../../test/reach.ts'
import { CONTEXT, see } from '../../../test/server.ts'
import { type Claim, type Evidence, type FilterLoader, type Netfilter, type Ruleset, Text } from '../../evidence/index.ts'
import { readIptablesSave } from '../../systems/netfilter/iptables/save.ts'
import { readNftText } from '../../systems/netfilter/nft/text/index.ts'

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
