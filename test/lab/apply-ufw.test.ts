import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import { CLI } from '../cli.ts'
import { serve, Session } from './work.ts'

const V4 = '198.51.100.10'
const V6 = '2001:db8:51::10'

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'] },
    hosts: {
      server: { on: { internet: [V4, V6] }, defaultRoute: 'internet' },
      laptop: { on: { internet: ['198.51.100.7', '2001:db8:51::7'] }, defaultRoute: 'internet' },
    },
  })

const policy = (ssh: string, port: number) => `version: 1
name: voice
services:
  ssh: { port: 22, from: [${ssh}] }
  voice: { port: ${port}, from: internet }
`

/** What `systemctl enable ufw` makes. */
const STARTED = '/etc/systemd/system/multi-user.target.wants/ufw.service'

/** ufw takes its time for each command, and is asked three times: to try, to rehearse, to apply. */
const LONG = 400_000

await describeLab('V5 · apply ufw', () => {
  let lab: Awaited<ReturnType<typeof build>>
  let sessions: readonly Session[]

  beforeAll(async () => {
    lab = await build()
    const { server, laptop } = lab.hosts
    await serve(server, 'sshd', 22)
    await server.listenAll([9847, 9848, 8000].map((port) => ({ protocol: 'tcp', address: '::', port })))
    sessions = [await Session.open(laptop, V4, 22), await Session.open(laptop, V6, 22)]
  })
  afterAll(() => lab?.close())

  async function applyPolicy(text: string, ...args: readonly string[]) {
    await lab.hosts.server.write('/var/sallyport.yaml', text)
    return apply('ufw', ...args)
  }
  const apply = (...args: readonly string[]) =>
    lab.hosts.server.run(['node', CLI, 'apply', ...args], { cwd: '/var', exit: 'any', timeoutMs: 200_000 })
  const reach = async (port: number) =>
    Promise.all([V4, V6].map((address) => lab.probe({ from: { zone: 'internet' }, to: { address, port }, protocol: 'tcp' })))
  const alive = async () => Promise.all(sessions.map((session) => session.answers()))
  const shell = async (script: string) => (await lab.hosts.server.run(['/bin/sh', '-c', script])).stdout
  const rules = () => shell("{ iptables-save; ip6tables-save; } | grep -v '^#' | sed 's/ \\[[0-9:]*\\]$//' | sort -s -k 1,2")
  const files = () => shell('cat /etc/ufw/*.rules /etc/ufw/ufw.conf /etc/default/ufw | md5sum')
  async function until(what: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 30_000; !(await what()); ) {
      if (Date.now() > end) throw new Error('that did not come about')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const BOTH = '198.51.100.7, "2001:db8:51::7"'
  const DROPPED = ['dropped', 'dropped']
  const DELIVERED = ['delivered', 'delivered']

  it(
    'refuses a policy that leaves out one family of the session',
    async () => {
      const before = [await rules(), await files()]
      const { code, stderr } = await applyPolicy(policy('198.51.100.7', 9847), '--yes')
      expect(stderr).toContain('an SSH session, from 2001:db8:51::7 to port 22')
      expect(stderr).not.toContain('from 198.51.100.7 to')
      expect(code).toBe(2)
      expect([await rules(), await files()]).toEqual(before)
    },
    LONG,
  )

  it(
    'not confirmed, ufw is off again, and its files were never touched',
    async () => {
      const before = await files()
      const applied = await applyPolicy(policy(BOTH, 9847), '--yes', '--within', '12')
      expect(applied).toMatchObject({ code: 0, stderr: '' })
      expect([await reach(8000), await reach(9847)]).toEqual([DROPPED, DELIVERED])
      expect(await files()).toBe(before)
      await until(async () => (await apply('--status')).stdout === 'ufw: taken back\n')
      expect(await reach(8000)).toEqual(DELIVERED)
      expect(await rules()).not.toMatch(/^-A|DROP/m)
      expect(await files()).toBe(before)
      expect(await alive()).toEqual([true, true])
    },
    LONG,
  )

  it(
    'confirmed, it is ufw’s own: enabled, kept by a reload, and nothing to do again',
    async () => {
      expect((await applyPolicy(policy(BOTH, 9847), '--yes')).code).toBe(0)
      await shell('mkdir -p "$(dirname %s)"; ln -sf /lib/systemd/system/ufw.service %s'.replaceAll('%s', STARTED))
      expect(await apply('--confirm')).toMatchObject({
        stderr: '',
        stdout: expect.stringContaining('wrote /etc/ufw/user.rules\n') as unknown,
      })
      expect(await shell('ufw status')).toMatch(/^9847\/tcp +ALLOW/m)
      expect(await applyPolicy(policy(BOTH, 9847), '--yes')).toMatchObject({
        stderr: '',
        stdout: 'Nothing to change: this is in force, and stays so after a restart.\n',
      })
      await shell(`rm -f ${STARTED} /etc/rc?.d/S??ufw`)
      expect(await applyPolicy(policy(BOTH, 9847), '--yes')).toMatchObject({
        stderr: 'warning: ufw is not started when this machine starts, as far as can be seen\n  have it started: systemctl enable ufw\n',
        stdout: 'Nothing to change: this is in force.\n',
      })
      const kept = await rules()
      await shell('ufw reload')
      expect(await rules()).toBe(kept)
      expect([await reach(8000), await reach(9847)]).toEqual([DROPPED, DELIVERED])
    },
    LONG,
  )

  it(
    'a further rule that is not confirmed goes, and the others stay',
    async () => {
      const before = await rules()
      expect(await applyPolicy(policy(BOTH, 9848), '--yes', '--within', '12')).toMatchObject({ code: 0, stderr: '' })
      expect(await reach(9848)).toEqual(DELIVERED)
      await until(async () => (await apply('--status')).stdout === 'ufw: taken back\n')
      expect([await reach(9848), await reach(9847)]).toEqual([DROPPED, DELIVERED])
      expect(await rules()).toBe(before)
      expect(await alive()).toEqual([true, true])
    },
    LONG,
  )
})
