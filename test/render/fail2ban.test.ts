import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Background, Lab, type Outcome } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import { certify } from './certificate.ts'
import { policyOf, rendered, textFor } from './written.ts'

const POLICY = `version: 1
name: telephony
services:
  ssh: { port: 22, from: internet }
  https: { port: 443, from: internet, domain: app.example.com, tls: letsencrypt, routes: { /: app } }
  app: { port: 3000 }
  sip: { port: [5060, 5080], protocol: [tcp, udp], from: internet }
`
const GUARDED = fileURLToPath(new URL('guarded.ts', import.meta.url))
const LOGS = { sshd: '/var/log/auth.log', sip: '/var/log/freeswitch/freeswitch.log', guard: '/var/log/sallyport/app/security.log' }
const SERVER = '192.0.2.10'
const SERVER6 = '2001:db8:1::10'
const BANTIME = 8

/** Seconds instead of an hour; files instead of the journal, since no systemd runs in the lab. */
const HERE = `[sshd]
backend = polling
logpath = ${LOGS.sshd}
bantime = ${BANTIME}
bantime.increment = false
[sallyport-sip]
backend = polling
bantime = ${BANTIME}
bantime.increment = false
[sallyport-guard]
backend = polling
bantime = ${BANTIME}
bantime.increment = false
`

const draw = () =>
  Lab.create({
    zones: { internet: ['192.0.2.0/24', '2001:db8:1::/64'] },
    hosts: {
      server: { on: { internet: [SERVER, SERVER6] }, defaultRoute: 'internet' },
      attacker: { on: { internet: ['192.0.2.66', '2001:db8:1::66'] } },
      neighbour: { on: { internet: ['192.0.2.77', '2001:db8:1::77'] } },
    },
  })

const two = (value: number): string => String(value).padStart(2, '0')
const day = (now: Date): string => `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
const clock = (now: Date): string => `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** As OpenSSH writes it (auth.c, auth_log) by way of syslog (RFC 3164 §4.1.2): a process for each connection, by which fail2ban tells them apart. */
function sshLines(address: string, count: number): string {
  return Array.from({ length: count }, () => sshLine(address, ++processes)).join('')
}
let processes = 1000

function sshLine(address: string, process: number, now = new Date()): string {
  const time = `${MONTHS[now.getMonth()]} ${String(now.getDate()).padStart(2)} ${clock(now)}`
  return `${time} server sshd[${process}]: Failed password for invalid user admin from ${address} port 40022 ssh2\n`
}

/** As FreeSWITCH writes it (sofia_reg.c, sofia_reg_parse_auth; mod_logfile), since 1.10.7 with the idle time (switch_log.c). */
function sipLine(address: string, idle: boolean, now = new Date()): string {
  return `${day(now)} ${clock(now)}.123456${idle ? ' 97.53%' : ''} [WARNING] sofia_reg.c:1842 SIP auth failure (REGISTER) on sofia profile 'internal' for [100@${SERVER}] from ip ${address}\n`
}

await describeLab('rendered jails of fail2ban', () => {
  let lab: Awaited<ReturnType<typeof draw>>
  let daemon: Background

  const append = (path: string, text: string) => lab.hosts.server.run(['/bin/sh', '-c', 'cat >> "$1"', 'sh', path], { input: text })
  const banned = async (jail: string): Promise<string> =>
    (await lab.hosts.server.run(['fail2ban-client', 'get', jail, 'banip'], { exit: 'any' })).stdout.trim()
  const probe = (host: 'attacker' | 'neighbour', port: number, protocol: 'tcp' | 'udp' = 'tcp', address = SERVER): Promise<Outcome> =>
    lab.probe({ from: { host }, to: { address, port }, protocol, expect: protocol === 'tcp' ? 'connection' : 'answer' })
  const log = async (): Promise<string> => (await lab.hosts.server.run(['tail', '-n', '30', '/var/log/fail2ban.log'])).stdout
  /** Waits up to 15 seconds. */
  const until = async (holds: () => Promise<boolean>): Promise<boolean> => {
    for (let tries = 0; tries < 75; tries++) {
      if (await holds()) return true
      await delay(200)
    }
    return false
  }

  beforeAll(async () => {
    lab = await draw()
    const { server } = lab.hosts
    await server.run(['/bin/sh', '-c', 'rm -f /etc/nginx/sites-enabled/default; mkdir -p /run/fail2ban'])
    // fail2ban asks for the names of its own machine; nobody answers here, and at once.
    await server.write('/etc/resolv.conf', 'nameserver 127.0.0.1\n')
    await server.write('/etc/hosts', '127.0.0.1 localhost server\n::1 localhost\n')
    for (const path of Object.values(LOGS)) await server.write(path, '')
    for (const { path, text } of (await rendered('fail2ban', policyOf(POLICY))).files) await server.write(path, text)
    await server.write('/etc/fail2ban/jail.d/zz-here.local', HERE)
    await certify(server, 'app.example.com')
    await server.spawn([process.execPath, '--conditions=source', '--import', 'tsx', GUARDED, LOGS.guard])
    await server.write('/etc/nginx/conf.d/sallyport.conf', await textFor('nginx', policyOf(POLICY)))
    await server.write('/etc/nginx/sallyport/internal-api-key.conf', `set $sallyport_key "${'p'.repeat(40)}";\n`)
    await server.nginx(readFileSync('/etc/nginx/nginx.conf', 'utf8'))
    await server.listenAll([
      { protocol: 'tcp', address: '::', port: 22 },
      { protocol: 'tcp', address: '::', port: 5060 },
      { protocol: 'udp', address: '::', port: 5060 },
    ])
    await server.untilListening([{ protocol: 'tcp', port: 3000 }])
    daemon = await server.spawn(['fail2ban-server', '-xf', 'start'], { cwd: '/' })
    const isUp = await until(async () => (await server.run(['fail2ban-client', 'status'], { exit: 'any' })).stdout.includes('sshd'))
    if (!isUp) throw new Error(`fail2ban did not start: ${daemon.stdout}${daemon.stderr}`)
  })
  afterAll(() => lab?.close())

  it('I12 · every jail of the policy is there, with its five failures', async () => {
    const { stdout } = await lab.hosts.server.run(['fail2ban-client', 'status'])
    expect(/Jail list:\t(.*)/.exec(stdout)?.[1]?.split(', ').toSorted()).toEqual(['sallyport-guard', 'sallyport-sip', 'sshd'])
    for (const jail of ['sshd', 'sallyport-sip', 'sallyport-guard'])
      expect((await lab.hosts.server.run(['fail2ban-client', 'get', jail, 'maxretry'])).stdout.trim()).toBe('5')
  })

  /** Four failures do nothing, the fifth shuts the address out of these ports, nobody else, and only for a time. */
  async function shutsOut(
    jail: string,
    fail: (count: number) => Promise<unknown>,
    doors: readonly (readonly [number, 'tcp' | 'udp'])[],
    address = SERVER,
  ) {
    const source = address === SERVER ? '192.0.2.66' : '2001:db8:1::66'
    const outcomes = (host: 'attacker' | 'neighbour') => Promise.all(doors.map(([port, protocol]) => probe(host, port, protocol, address)))
    const delivered = doors.map(() => 'delivered')
    await fail(4)
    await delay(2500)
    expect(await banned(jail)).toBe('')
    expect(await outcomes('attacker')).toEqual(delivered)
    await fail(1)
    expect(await until(async () => (await banned(jail)) === source), await log()).toBe(true)
    // The list of bans is a moment ahead of the packet filter.
    expect(await until(async () => (await outcomes('attacker')).every((outcome) => outcome === 'dropped')), await log()).toBe(true)
    expect(await outcomes('neighbour')).toEqual(delivered)
    expect(await until(async () => (await banned(jail)) === '')).toBe(true)
    expect(await outcomes('attacker')).toEqual(delivered)
  }

  it('I12 · SSH: five wrong passwords', async () => {
    await shutsOut('sshd', (count) => append(LOGS.sshd, sshLines('192.0.2.66', count)), [[22, 'tcp']])
  })

  it('I12 · SSH by IPv6', async () => {
    await shutsOut('sshd', (count) => append(LOGS.sshd, sshLines('2001:db8:1::66', count)), [[22, 'tcp']], SERVER6)
  })

  it('I12 · SIP on FreeSWITCH: five wrong registrations, as old versions and new ones log them', async () => {
    // As Docker does with a published port: whoever asks for it never comes to it on INPUT.
    await lab.hosts.server.nft(
      'table ip published { chain c { type nat hook prerouting priority dstnat; tcp dport 5080 redirect to :22; }; }\n',
    )
    const doors = [
      [5060, 'tcp'],
      [5060, 'udp'],
      [5080, 'tcp'],
    ] as const
    await shutsOut('sallyport-sip', (count) => append(LOGS.sip, sipLine('192.0.2.66', true).repeat(count)), doors)
    await shutsOut('sallyport-sip', (count) => append(LOGS.sip, sipLine('192.0.2.66', false).repeat(count)), doors)
  })

  it('I12 · the API: five wrong keys through nginx, which the guard refuses and logs with the address of who sent them', async () => {
    const ask = async (key: string) => {
      const url = ['--resolve', `app.example.com:443:${SERVER}`, 'https://app.example.com/']
      const { stdout } = await lab.hosts.attacker.run(
        [
          'curl',
          '--silent',
          '--insecure',
          '--max-time',
          '5',
          '--header',
          `X-API-Key: ${key}`,
          '--write-out',
          '%{http_code}',
          '--output',
          '/dev/null',
          ...url,
        ],
        { exit: 'any' },
      )
      return stdout
    }
    expect(await ask('c'.repeat(40))).toBe('200')
    const fail = async (count: number) => {
      for (let tries = 0; tries < count; tries++) expect(await ask('guess')).toBe('401')
    }
    await shutsOut('sallyport-guard', fail, [[443, 'tcp']])
    expect(await ask('c'.repeat(40))).toBe('200')
  })

  it('what a caller can choose bans nobody else, and does not keep itself from being counted', async () => {
    const other = '203.0.113.5'
    const names = [`x] from ip ${other}`, `100@${SERVER}] from ip ${other}\t`, 'a] b [c', "o'reilly", '%h']
    const lines = names.flatMap((name) => [
      sipLine('192.0.2.66', true).replace(`100@${SERVER}`, name),
      sipLine('192.0.2.66', true).replace(/SIP auth.*$/m, `Can't find user [${name}@${SERVER}] from 192.0.2.66`),
    ])
    const challenge = sipLine('192.0.2.66', true).replace('failure', 'challenge')
    await lab.hosts.server.write('/var/log/hostile.log', [...lines, challenge].join(''))
    const { stdout } = await lab.hosts.server.run([
      'fail2ban-regex',
      '--verbose',
      '/var/log/hostile.log',
      '/etc/fail2ban/filter.d/sallyport-sip.conf',
    ])
    expect(stdout).toContain(`${lines.length + 1} lines, 0 ignored, ${lines.length} matched, 1 missed`)
    expect(stdout.match(/^\|\s+192\.0\.2\.66 /gm)).toHaveLength(lines.length)
    expect(stdout).not.toMatch(/^\|\s+203\.0\.113\.5 /m)
  })
})
