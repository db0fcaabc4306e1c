import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import { CLI } from '../cli.ts'
import { applyKilled, serve, Session } from './work.ts'

const V4 = '198.51.100.10'
const V6 = '2001:db8:51::10'
const LAPTOP = { 4: '198.51.100.7', 6: '2001:db8:51::7' } as const

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'] },
    hosts: {
      server: { on: { internet: [V4, V6] }, defaultRoute: 'internet' },
      laptop: { on: { internet: [LAPTOP[4], LAPTOP[6]] }, defaultRoute: 'internet' },
    },
  })

/** Lets everybody in to 9847, and to 22 whom it names. */
function rules(ssh: string): string {
  return `table inet door {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname "lo" accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 9847 accept
    ${ssh} tcp dport 22 accept
  }
}
`
}
const NOBODY = rules('ip saddr 203.0.113.99')
/** Also sessions that are open. */
const CUTS = NOBODY.replace('ct state established,related accept', '')
const LAPTOP_ONLY = rules(`ip saddr ${LAPTOP[4]}`).replace(
  '    tcp dport 9847',
  `    ip6 saddr ${LAPTOP[6]} tcp dport 22 accept\n    tcp dport 9847`,
)

await describeLab('M12 · apply nftables', () => {
  let lab: Awaited<ReturnType<typeof build>>
  let sessions: readonly Session[]

  beforeAll(async () => {
    lab = await build()
    const { server, laptop } = lab.hosts
    await serve(server, 'sshd', 22)
    await server.listenAll([9847, 5432].map((port) => ({ protocol: 'tcp', address: '::', port })))
    await server.nft(
      'table inet others { set banned { type ipv4_addr; elements = { 192.0.2.66 }\n }\n chain c { type filter hook input priority -5; ip saddr @banned drop\n ct state invalid drop\n }\n}',
    )
    sessions = [await Session.open(laptop, V4, 22), await Session.open(laptop, V6, 22)]
  })
  afterAll(() => lab?.close())
  afterEach(async () => {
    if ((await ruleset()).includes('door')) await apply('--revert')
    expect(await ruleset()).not.toContain('door')
  })

  const ruleset = async () => (await lab.hosts.server.run(['nft', '-s', 'list', 'ruleset'])).stdout
  const apply = (...args: readonly string[]) =>
    lab.hosts.server.run(['node', CLI, 'apply', ...args], { cwd: '/var', exit: 'any', timeoutMs: 60_000 })
  async function applyFile(text: string, ...args: readonly string[]) {
    await lab.hosts.server.write('/var/door.nft', text)
    return apply('nftables', '--file', '/var/door.nft', ...args)
  }
  const alive = async () => Promise.all(sessions.map((session) => session.answers()))
  const reach = async (port: number) =>
    Promise.all([V4, V6].map((address) => lab.probe({ from: { zone: 'internet' }, to: { address, port }, protocol: 'tcp' })))
  async function until(what: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 20_000; !(await what()); ) {
      if (Date.now() > end) throw new Error('that did not come about')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  it('C6 · says what would change, and changes nothing without a word', async () => {
    const before = await ruleset()
    const { code, stdout, stderr } = await applyFile(LAPTOP_ONLY)
    expect(stderr).toContain('--yes')
    expect(code).toBe(2)
    expect(stdout).toContain('+ table inet door')
    expect(stdout).toMatch(/Newly closed\n {2}tcp 22 [^]*\n {2}tcp 5432/)
    expect(stdout).not.toContain('tcp 9847')
    expect(stdout.match(/an SSH session, from \S+ to port 22: stays, and can be made anew/g)).toHaveLength(2)
    expect(await ruleset()).toBe(before)
  })

  it('C6 · one thing at a time, and with time to do it', async () => {
    for (const [args, what] of [
      [['--confirm', '--revert'], /one of --status, --confirm and --revert/],
      [['nftables', '--within', '0'], /less than a second/],
    ] as const) {
      const { code, stderr } = await apply(...args)
      expect([code, stderr]).toEqual([2, expect.stringMatching(what)])
    }
  })

  it('C5 · what nft complains of is told by its place: a file that it includes is not printed', async () => {
    await lab.hosts.server.write('/var/other', 'root:hunter2canary\n')
    const { code, stderr } = await applyFile('include "/var/other"\n')
    expect([code, stderr]).toEqual([2, expect.stringMatching(/\/var\/other:1:5-5: Error: syntax error/)])
    expect(stderr).not.toContain('hunter2canary')
  })

  it('refuses what cuts a session that is open, by IPv4 or by IPv6', async () => {
    const before = await ruleset()
    for (const family of [4, 6] as const) {
      const other = family === 4 ? 'ip6' : 'ip'
      const { code, stderr } = await applyFile(
        CUTS.replace('ip saddr 203.0.113.99', `${other} saddr ${LAPTOP[family === 4 ? 6 : 4]}`),
        '--yes',
      )
      expect(stderr).toContain(`an SSH session, from ${LAPTOP[family]} to port 22: WOULD BE CUT`)
      expect(stderr).not.toContain(`from ${LAPTOP[family === 4 ? 6 : 4]}`)
      expect(code).toBe(2)
    }
    expect(await ruleset()).toBe(before)
  })

  it('refuses what lets a session stay, and not be made anew; also where its answers are stopped', async () => {
    const before = await ruleset()
    const anew = await applyFile(NOBODY, '--yes')
    expect(anew.stderr).toContain('stays, and could NOT BE MADE ANEW')
    const answers = await applyFile('table inet door { chain out { type filter hook output priority 0; tcp sport 22 drop\n }\n}\n', '--yes')
    expect(answers.stderr).toContain('WOULD BE CUT')
    const once = await applyFile(NOBODY, '--yes', '--cut-me-off')
    expect(once.stderr).toContain('said twice')
    expect([anew.code, answers.code, once.code]).toEqual([2, 2, 2])
    expect(await ruleset()).toBe(before)
  })

  it('knows the session that it was started from, also without its variable, and what --keep names', async () => {
    const { server } = lab.hosts
    await server.write('/var/door.nft', NOBODY)
    const told = `SSH_CONNECTION='${LAPTOP[4]} 50000 ${V4} 22' sh -c 'env -u SSH_CONNECTION "$0" "$1" apply nftables --file /var/door.nft --yes; exit $?'`
    const own = await server.run(['/bin/sh', '-c', `${told} "$0" "$1"`, process.execPath, CLI], {
      cwd: '/var',
      exit: 'any',
      timeoutMs: 60_000,
    })
    expect(own.stderr).toContain(`your SSH session, from ${LAPTOP[4]} to port 22`)
    expect(own.code).toBe(2)
    const named = await applyFile(LAPTOP_ONLY, '--yes', '--keep', '203.0.113.5:5432', '[2001:db8:51::99]:9847')
    expect(named.stderr).toContain('what --keep 203.0.113.5:5432 names, from 203.0.113.5 to port 5432: stays, and could NOT BE MADE ANEW')
    expect(named.stderr).not.toContain('9847')
    expect(named.code).toBe(2)
    expect((await applyFile(LAPTOP_ONLY, '--yes', '--keep', 'laptop:22')).stderr).toContain('--keep laptop:22 is no address and port')
  })

  it('forced and not confirmed, both families come back', async () => {
    const before = await ruleset()
    expect(await reach(5432)).toEqual(['delivered', 'delivered'])
    const { code, stdout, stderr } = await applyFile(CUTS, '--yes', '--cut-me-off', '--cut-me-off', '--within', '4')
    expect(stderr).toContain('warning: ')
    expect(code).toBe(0)
    expect(stdout).toContain('in 4 seconds')
    expect(await reach(5432)).toEqual(['dropped', 'dropped'])
    expect(await ruleset()).toContain('door')
    await until(async () => (await ruleset()) === before)
    expect(await reach(5432)).toEqual(['delivered', 'delivered'])
    expect(await alive()).toEqual([true, true])
    expect((await apply('--status')).stdout).toBe('nftables: taken back\n')
    expect((await apply('--confirm')).stderr).toContain('too late')
  })

  it('confirmed, it stays: beyond the time, a reload of nftables and a second apply, which has nothing to do', async () => {
    const { server } = lab.hosts
    await server.write('/etc/nftables.conf', 'flush ruleset\ninclude "/etc/nftables.d/*.nft"\n')
    await server.run([
      '/bin/sh',
      '-c',
      'mkdir -p /etc/systemd/system/sysinit.target.wants; ln -sf /lib/systemd/system/nftables.service /etc/systemd/system/sysinit.target.wants/',
    ])
    const others = await ruleset()
    const applied = await applyFile(LAPTOP_ONLY, '--yes', '--within', '8')
    expect(applied.stderr).toBe('')
    expect((await apply('--status')).stdout).toMatch(/^nftables: applied, and taken back in [1-8] seconds unless/)
    expect((await applyFile(NOBODY, '--yes')).stderr).toContain('nobody has confirmed yet')
    const confirmed = await apply('--confirm')
    expect(confirmed).toMatchObject({
      code: 0,
      stderr: '',
      stdout: 'Confirmed: nftables stays as it is.\nwrote /etc/nftables.d/door.nft\n',
    })
    const after = await ruleset()
    await new Promise((resolve) => setTimeout(resolve, 10_000))
    expect(await ruleset()).toBe(after)
    expect(after.replace(/^table inet door \{$[^]*?^\}$\n/m, '')).toBe(others)
    const again = await applyFile(LAPTOP_ONLY, '--yes')
    expect(again).toMatchObject({
      code: 0,
      stderr: '',
      stdout: 'Nothing to change: this is in force, and stays so after a restart.\n',
    })
    expect(await ruleset()).toBe(after)
    // What nftables.service does for a reload.
    await server.run(['nft', '-f', '/etc/nftables.conf'])
    expect(await ruleset()).toContain('table inet door')
    expect(await reach(5432)).toEqual(['dropped', 'dropped'])
    expect(await reach(9847)).toEqual(['delivered', 'delivered'])
    expect(await alive()).toEqual([true, true])
    await server.nft(others)
    const taken = await apply('--revert')
    expect(taken.stdout).toContain('Taken back')
    expect(await ruleset()).toBe(others)
    expect((await server.run(['/bin/sh', '-c', 'ls /etc/nftables.d'])).stdout).toBe('')
    expect(await reach(5432)).toEqual(['delivered', 'delivered'])
  })

  it('says when nothing loads it at the next start', async () => {
    const { server } = lab.hosts
    await server.write('/etc/nftables.conf', 'flush ruleset\n')
    await applyFile(LAPTOP_ONLY, '--yes')
    expect((await apply('--confirm')).stderr).toBe(
      `warning: /etc/nftables.d/door.nft is not loaded when this machine starts, as far as can be seen
  the file that nftables.service loads (/etc/nftables.conf) has to say  include "/etc/nftables.d/*.nft"  and the service has to be enabled: systemctl enable nftables
`,
    )
    expect(await applyFile(LAPTOP_ONLY, '--yes')).toMatchObject({
      code: 0,
      stdout: 'Nothing to change: this is in force.\n',
      stderr: expect.stringContaining('/etc/nftables.d/door.nft is not loaded when this machine starts') as unknown,
    })
  })

  it('killed at any moment, it leaves the rules as they were: before, between and after its steps', async () => {
    const { server } = lab.hosts
    const before = await ruleset()
    await server.write('/var/door.nft', CUTS)
    for (const moment of MOMENTS) {
      const stdout = await applyKilled(server, moment, 'nftables --file /var/door.nft --cut-me-off --cut-me-off')
      expect(stdout, moment).toContain('killed')
      await until(async () => /: taken back\n$|^Nothing was applied|has ended/.test((await apply('--status')).stdout))
      if ((await apply('--status')).stdout.includes('has ended')) await apply('--revert')
      expect(await ruleset(), moment).toBe(before)
    }
    expect(await alive()).toEqual([true, true])
  })

  it('goes by the time since the machine started, which no clock that is set can move', async () => {
    const { server } = lab.hosts
    const before = await ruleset()
    // A time of the test's own, in which nothing passes.
    await server.run(['/bin/sh', '-c', 'echo "1000.00 1.00" >/run/uptime; mount --bind /run/uptime /proc/uptime'])
    try {
      await applyFile(CUTS, '--yes', '--cut-me-off', '--cut-me-off', '--within', '30')
      await server.run(['/bin/sh', '-c', 'echo "1029.90 1.00" >/run/uptime'])
      await new Promise((resolve) => setTimeout(resolve, 2000))
      expect(await ruleset()).toContain('door')
      await server.run(['/bin/sh', '-c', 'echo "1030.00 1.00" >/run/uptime'])
      await until(async () => (await ruleset()) === before)
    } finally {
      await server.run(['umount', '/proc/uptime'])
    }
  })

  it('refuses what changes the rules of others, and what nft does not take', async () => {
    const before = await ruleset()
    const flushed = await applyFile(`flush ruleset\n${LAPTOP_ONLY}`, '--yes')
    expect(flushed.stderr).toContain('this would change rules of others: nft inet others')
    const wrong = await applyFile(
      'table inet door { chain input { type filter hook input priority 0; tcp dport nowhere accept; }\n}\n',
      '--yes',
    )
    expect(wrong.stderr).toContain('nft does not take these rules')
    expect([flushed.code, wrong.code]).toEqual([2, 2])
    expect(await ruleset()).toBe(before)
  })
})

/** What is seen from outside of its steps, as tests of sh(1). */
const MOMENTS = [
  'test -d /var/lib/sallyport/apply/new-$pid',
  'test -e /var/lib/sallyport/apply/new-$pid/wanted.nft',
  'test /var/lib/sallyport/apply/current/plan.json -nt /run/begun',
  'test /var/lib/sallyport/apply/current/reverter -nt /run/begun',
  'nft list table inet door',
  'test /var/lib/sallyport/apply/current/applied -nt /run/begun',
]

await describeLab('M12 · apply nftables where nobody is at work over the network', () => {
  let lab: Awaited<ReturnType<typeof build>>
  beforeAll(async () => {
    lab = await build()
  })
  afterAll(() => lab?.close())

  it('C6 · there is nobody to keep, and it goes on', async () => {
    const { server } = lab.hosts
    await server.write('/var/door.nft', NOBODY)
    const { code, stdout, stderr } = await server.run(['node', CLI, 'apply', 'nftables', '--file', '/var/door.nft'], {
      cwd: '/var',
      exit: 'any',
      timeoutMs: 60_000,
    })
    expect(stderr).toContain('--yes')
    expect(code).toBe(2)
    expect(stdout).toContain('+ table inet door')
    expect(stdout).toContain('What does not listen now was not looked at')
    expect(stdout).not.toContain('Kept')
  })
})
