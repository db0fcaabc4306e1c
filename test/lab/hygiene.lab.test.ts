import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import type { ReportData } from '../../packages/cli/src/report/data.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'] },
    hosts: {
      clean: { on: { internet: ['198.51.100.10', '2001:db8:51::10'] }, defaultRoute: 'internet', forwarding: true },
      ufw: { on: { internet: ['198.51.100.11', '2001:db8:51::11'] }, defaultRoute: 'internet' },
      nft: { on: { internet: ['198.51.100.12', '2001:db8:51::12'] }, defaultRoute: 'internet' },
      docker: { on: { internet: ['198.51.100.13', '2001:db8:51::13'] }, defaultRoute: 'internet', forwarding: true },
    },
  })

type HostName = keyof Awaited<ReturnType<typeof build>>['hosts']

const OURS = /^firewall-|^docker-past|^ipv6-/

await describeLab('what check says of the rules themselves', () => {
  let lab: Awaited<ReturnType<typeof build>>

  /** `info firewall-opening-unused`, and the rules that are shown, as their own tool prints them. */
  async function check(
    host: HostName,
    from: readonly string[] = [],
  ): Promise<readonly { readonly is: string; readonly rules: readonly string[] }[]> {
    const { stdout, stderr } = await lab.hosts[host].run(['node', CLI, 'check', '--scope', 'host', '--format', 'json', ...from], {
      cwd: '/var',
      exit: 'any',
      timeoutMs: 60_000,
    })
    expect(stderr).toBe('')
    const { findings } = JSON.parse(stdout) as ReportData
    return findings
      .filter(({ rule }) => OURS.test(rule))
      .map(({ rule, severity, places }) => ({ is: `${severity} ${rule}`, rules: places.map(({ shown }) => shown ?? '') }))
  }

  /** What a capture of the host says after its boundary was set: a machine whose own boot decides, as a container's does not. */
  async function checkRebooted(host: HostName): Promise<readonly string[]> {
    const { stdout } = await lab.hosts[host].run(['node', CLI, 'capture'], { cwd: '/var', timeoutMs: 60_000 })
    const lines = stdout.replace(/("claim":"boundary","kind":)"[a-z-]+"/, '$1"none"')
    await lab.hosts[host].write('/var/capture.jsonl', lines)
    return (await check(host, ['--evidence', '/var/capture.jsonl'])).map(({ is }) => is)
  }

  const reaches = (host: HostName, port: number, family: 4 | 6 = 4) =>
    lab.probe({
      from: { zone: 'internet' },
      to: { address: lab.hosts[host].addresses().find((one) => one.includes(':') === (family === 6)) ?? '', port, via: host },
      protocol: 'tcp',
    })

  beforeAll(async () => {
    lab = await build()
  }, 60_000)
  afterAll(() => lab?.close())

  describe('what programs write by themselves', () => {
    it('M1 V5 · Docker, ufw and fail2ban in their usual form: nothing', async () => {
      const { clean } = lab.hosts
      await clean.ufw(['default deny incoming', 'allow 22/tcp', 'allow 443', 'limit 2222/tcp', 'allow 8082/tcp', 'enable'])
      await clean.listenAll([22, 443, 2222].map((port) => ({ protocol: 'tcp', address: '::', port })))
      const docker = await clean.docker()
      await docker.run({ name: 'web', publish: ['127.0.0.1:8080:80'], serve: [80] })
      await docker.run({ name: 'open', publish: ['198.51.100.10:8082:80'], serve: [80] })
      // As fail2ban does it.
      await clean.run([
        '/bin/sh',
        '-ec',
        'iptables -N f2b-all; iptables -I INPUT -j f2b-all; iptables -A f2b-all -s 203.0.113.9 -j REJECT; iptables -A f2b-all -j RETURN',
      ])
      expect(await check('clean')).toEqual([])
    }, 120_000)
  })

  describe('ufw', () => {
    it('V5 · a port that is denied after it was allowed stays open, and the rules are named; put first, the rule closes it', async () => {
      const { ufw } = lab.hosts
      await ufw.ufw(['default deny incoming', 'allow 8080:8085/tcp', 'allow 9000/tcp', 'deny 8080/tcp', 'enable'])
      await ufw.listenAll([{ protocol: 'tcp', address: '::', port: 8080 }])
      await ufw.listenAll([{ protocol: 'tcp', address: '127.0.0.1', port: 9000 }])
      const found = await check('ufw')
      expect(found.map(({ is }) => is)).toEqual(['medium firewall-rule-contradicted', 'info firewall-opening-unused'])
      expect(found[0]?.rules).toEqual(
        expect.arrayContaining([
          '-A ufw-user-input -p tcp -m tcp --dport 8080 -j DROP',
          '-A ufw-user-input -p tcp -m multiport --dports 8080:8085 -j ACCEPT',
          '-A ufw6-user-input -p tcp -m tcp --dport 8080 -j DROP',
        ]),
      )
      expect(found[1]?.rules).toEqual(expect.arrayContaining(['-A ufw-user-input -p tcp -m tcp --dport 9000 -j ACCEPT']))
      expect(await reaches('ufw', 8080)).toBe('delivered')
      // As the finding says: first the one that is meant.
      await ufw.ufw(['delete deny 8080/tcp', 'insert 1 deny 8080/tcp', 'delete allow 9000/tcp'])
      const after = await check('ufw')
      expect(after).toEqual([])
      expect(await reaches('ufw', 8080)).toBe('dropped')
    }, 60_000)
  })

  describe('nft and iptables', () => {
    it('V5 · rules behind one that takes everything never match; of two families the one without rules is open', async () => {
      const { nft } = lab.hosts
      await nft.nft(`table inet site {
  chain input {
    type filter hook input priority 0; policy accept;
    iif lo accept
    ct state established,related accept
    ip saddr 203.0.113.0/24 accept
    meta nfproto ipv4 drop
    tcp dport 8080 accept
    ip saddr 203.0.113.7 tcp dport 8080 drop
  }
}`)
      await nft.listenAll([{ protocol: 'tcp', address: '::', port: 8080 }])
      const found = await check('nft')
      expect(found.map(({ is }) => is)).toEqual(['high ipv6-unfiltered', 'medium firewall-rule-contradicted'])
      expect(found[1]?.rules).toEqual(['ip saddr 203.0.113.7 tcp dport 8080 drop', 'ip saddr 203.0.113.0/24 accept'])
      expect([await reaches('nft', 8080), await reaches('nft', 8080, 6)]).toEqual(['dropped', 'delivered'])
    }, 60_000)

    it('V5 · rules that nothing loads at boot are told, until something does', async () => {
      const { nft } = lab.hosts
      const told = 'medium firewall-not-persistent'
      await nft.run(['/bin/sh', '-ec', 'rm -rf /etc/systemd/system/*.wants/nftables.service /etc/rc?.d/S*nftables; : > /etc/nftables.conf'])
      await nft.run([
        '/bin/sh',
        '-ec',
        'mkdir -p /etc/systemd/system/multi-user.target.wants; : > /etc/systemd/system/multi-user.target.wants/cron.service',
      ])
      expect(await checkRebooted('nft')).toContain(told)
      await nft.run(['/bin/sh', '-ec', 'nft list ruleset > /etc/nftables.conf'])
      // Saved, and nobody loads it.
      expect(await checkRebooted('nft')).toContain(told)
      await nft.run([
        '/bin/sh',
        '-ec',
        'mkdir -p /etc/systemd/system/sysinit.target.wants; : > /etc/systemd/system/sysinit.target.wants/nftables.service',
      ])
      expect(await checkRebooted('nft')).not.toContain(told)
      // What is loaded then is what the file says, not what runs.
      await nft.run(['/bin/sh', '-ec', "sed -i 's/meta nfproto ipv4 drop/ip saddr 192.0.2.1 drop/' /etc/nftables.conf"])
      expect(await checkRebooted('nft')).toContain(told)
    }, 60_000)
  })

  describe('Docker', () => {
    it('M1 · what ufw denies or limits and Docker publishes, a rule at the end of DOCKER-USER, and an address that no container has', async () => {
      const { docker: host } = lab.hosts
      await host.ufw(['default deny incoming', 'allow from 203.0.113.0/24 to any port 8080 proto tcp', 'deny 8081/tcp', 'enable'])
      const docker = await host.docker()
      await docker.run({ name: 'limited', publish: ['198.51.100.13:8080:80'], serve: [80] })
      await docker.run({ name: 'denied', publish: ['198.51.100.13:8081:80'], serve: [80] })
      await host.run(['iptables', '-A', 'DOCKER-USER', '-p', 'tcp', '-m', 'conntrack', '--ctorigdstport', '8081', '-j', 'DROP'])
      await host.run(['iptables', '-I', 'DOCKER-USER', '-d', '172.17.0.99', '-p', 'tcp', '-m', 'tcp', '--dport', '80', '-j', 'DROP'])
      const found = await check('docker')
      expect(found.map(({ is }) => is).toSorted()).toEqual([
        'high docker-past-firewall',
        'high docker-past-firewall',
        'low firewall-container-address',
        'medium firewall-rule-contradicted',
      ])
      const past = found.filter(({ is }) => is.endsWith('docker-past-firewall')).flatMap(({ rules }) => rules)
      expect(past).toContain('-A ufw-user-input -p tcp -m tcp --dport 8081 -j DROP')
      expect(found.find(({ is }) => is.endsWith('contradicted'))?.rules).toEqual([
        expect.stringMatching(/^-A DOCKER-USER -p tcp -m conntrack --ctorigdstport 8081 -j DROP/),
        '-A DOCKER-USER -j RETURN',
      ])
      expect([await reaches('docker', 8080), await reaches('docker', 8081)]).toEqual(['delivered', 'delivered'])
    }, 120_000)
  })
})
