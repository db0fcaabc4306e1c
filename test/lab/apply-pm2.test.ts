import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import { CLI, ROOT } from '../cli.ts'

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24'] },
    hosts: { server: { on: { internet: ['198.51.100.10'] }, defaultRoute: 'internet' } },
  })

/** Says who it is by its variables; ends at once, or listens everywhere, where a file says so. */
const APP = `const fs = require('node:fs')
const { name, HOST, PORT, SECRET = '' } = process.env
if (fs.existsSync('/var/ada/crash-' + PORT)) process.exit(3)
const host = fs.existsSync('/var/ada/wide-' + PORT) ? '0.0.0.0' : HOST
require('node:http').createServer((_, answer) => answer.end([name, HOST, PORT, SECRET.length].join(' '))).listen(Number(PORT), host)
`

const CANARY = 'canary-7f3a91c25de8'

const ECOSYSTEM = `module.exports = { apps: [
  { name: 'billing', script: 'app.js', cwd: '/var/ada', env: { HOST: '0.0.0.0', PORT: 7001, SECRET: '${CANARY}' } },
  { name: 'search', script: 'app.js', cwd: '/var/ada', exec_mode: 'cluster', instances: 2, env: { HOST: '127.0.0.1', PORT: 7002, NODE_ENV: 'production' } },
  { name: 'worker', script: 'app.js', cwd: '/var/ada', env: { HOST: '0.0.0.0', PORT: 7009, SECRET: '${CANARY}' } },
] }
`

const policy = (billing: string, more = '') => `version: 1
name: shop
services:
  billing: { port: ${billing}, run: { pm2: billing } }
  search: { port: 7002, run: { pm2: search } }
${more}`

interface Process {
  readonly name: string
  readonly pid: number
  readonly pm2_env: Readonly<Record<string, unknown>> & { readonly status: string; readonly env: Readonly<Record<string, unknown>> }
}

await describeLab('E3 · apply pm2', () => {
  let lab: Awaited<ReturnType<typeof build>>
  const said: string[] = []

  beforeAll(async () => {
    lab = await build()
    const { server } = lab.hosts
    await server.write('/var/ada/app.js', APP)
    await server.write('/var/ada/apps.config.js', ECOSYSTEM)
    await server.run(['/bin/sh', '-c', SET_UP, 'sh', join(ROOT, 'node_modules/pm2/bin/pm2')])
    await ada('pm2 start apps.config.js')
    await server.untilListening([7001, 7002, 7009].map((port) => ({ protocol: 'tcp', port })))
    await ada('pm2 save')
  })
  afterAll(() => lab?.close())

  /** As an ordinary user after a login. */
  async function ada(script: string, exit: 'any' | readonly number[] = [0]) {
    const environment = [
      'HOME=/var/ada',
      'USER=ada',
      `PATH=/var/bin:${join(process.execPath, '..')}:/usr/bin:/bin`,
      'SHELL_SECRET=none-of-theirs',
    ]
    const words = [
      'setpriv',
      '--reuid=1500',
      '--regid=1500',
      '--clear-groups',
      'env',
      '-i',
      ...environment,
      '/bin/sh',
      '-ec',
      `cd /var/ada; ${script}`,
    ]
    return lab.hosts.server.run(words, { exit, timeoutMs: 90_000 })
  }
  async function apply(words: string) {
    const done = await ada(`${process.execPath} ${CLI} apply ${words}`, 'any')
    said.push(done.stdout, done.stderr)
    return done
  }
  async function applyPolicy(text: string, words: string) {
    await lab.hosts.server.write('/var/ada/sallyport.yaml', text)
    return apply(`pm2 ${words}`)
  }
  async function list(): Promise<readonly Process[]> {
    const { stdout } = await ada('pm2 jlist')
    return JSON.parse(stdout.split('\n').findLast((line) => line.startsWith('[')) ?? '[]') as readonly Process[]
  }
  /** Processes by name, with what must not change. */
  const pidsOf = async (...names: readonly string[]) =>
    (await list()).filter(({ name }) => names.includes(name)).map(({ name, pid }) => `${name} ${pid}`)
  /** How many of its processes are online. */
  const running = async (app: string) => (await list()).filter(({ name, pm2_env }) => name === app && pm2_env.status === 'online').length
  /** What PM2 has of an app, beside its numbers and times. */
  async function definition(name: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const changing =
      /^(?:pm_id|pm_pid_path|pm_uptime|created_at|restart_time|unstable_restarts|unique_id|axm_.*|status|exit_code|instances|version.*|vizion_running|prev_restart_delay)$/
    return (await list())
      .filter((process) => process.name === name)
      .map(({ pm2_env: { env, ...rest } }) => {
        const strip = (entries: object) => Object.fromEntries(Object.entries(entries).filter(([key]) => !changing.test(key)))
        return { ...strip(rest), env: strip(env) }
      })
  }
  const listening = async () =>
    (await lab.hosts.server.run(['/bin/sh', '-c', "ss -Htln | awk '{ print $4 }' | sort"])).stdout.trim().split('\n')
  const get = async (port: number) =>
    (await lab.hosts.server.run(['curl', '-sS', '--max-time', '5', `http://127.0.0.1:${port}/`], { exit: 'any' })).stdout
  async function until(what: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 40_000; !(await what()); ) {
      if (Date.now() > end) throw new Error('that did not come about')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  it('C6 · shows which app changes in what, and what closes, and changes nothing without a word', async () => {
    const before = await pidsOf('billing', 'search', 'worker')
    await ada('cp apps.config.js ecosystem.config.js')
    const { code, stdout, stderr } = await applyPolicy(policy('7001'), '')
    await ada('rm ecosystem.config.js')
    expect(stdout).toContain('The ecosystem file says otherwise')
    expect(stdout).toContain('HOST of app billing: 0.0.0.0, and the policy 127.0.0.1')
    expect(stderr).toContain('--yes')
    expect(code).toBe(2)
    expect(stdout).toContain('app billing\n  - HOST 0.0.0.0\n  + HOST 127.0.0.1\n  + NODE_ENV production\n\n')
    expect(stdout).toContain('  - tcp 0.0.0.0:7001 (billing)\n  + tcp 127.0.0.1:7001 (billing)')
    expect(stdout).toContain('worker, which the policy does not name')
    expect(stdout).not.toContain('app search')
    expect(await pidsOf('billing', 'search', 'worker')).toEqual(before)
  })

  it('not confirmed, everything is as PM2 had it; what is not changed never stops', async () => {
    const [before, others, dump] = [await definition('billing'), await pidsOf('search', 'worker'), (await ada('cat .pm2/dump.pm2')).stdout]
    const applied = await applyPolicy(policy('7001'), '--yes --within 5')
    expect(applied).toMatchObject({ code: 0, stderr: '' })
    expect(await listening()).toContain('127.0.0.1:7001')
    expect(await listening()).not.toContain('0.0.0.0:7001')
    // A secret that the policy knows nothing of is still there.
    expect(await get(7001)).toBe(`billing 127.0.0.1 7001 ${CANARY.length}`)
    expect((await ada('cat .pm2/dump.pm2')).stdout).toBe(dump)
    await until(async () => (await apply('--status')).stdout === 'pm2: taken back\n')
    expect(await definition('billing')).toEqual(before)
    await until(async () => (await get(7001)) === `billing 0.0.0.0 7001 ${CANARY.length}`)
    expect(await pidsOf('search', 'worker')).toEqual(others)
    expect((await lab.hosts.server.run(['grep', '-rl', CANARY, '/var/ada/.local'], { exit: 'any' })).stdout).toBe('')
  })

  it('killed by SIGKILL as soon as it has begun, or when it is through, it goes back all the same', async () => {
    const before = await definition('billing')
    for (const moment of ['begun', 'applied']) {
      const { stdout } = await ada(
        KILLED.replaceAll('MOMENT', moment).replace('APPLY', `${process.execPath} ${CLI} apply pm2 --yes --within 2`),
      )
      expect(stdout).toContain('killed')
      await until(async () => (await apply('--status')).stdout === 'pm2: taken back\n')
      expect(await definition('billing')).toEqual(before)
      expect(await running('billing')).toBe(1)
    }
    expect((await lab.hosts.server.run(['grep', '-rl', CANARY, '/var/ada/.local'], { exit: 'any' })).stdout).toBe('')
  })

  it('an app that ends with its new settings is noticed, and goes back at once', async () => {
    const before = await definition('billing')
    await ada('touch crash-7011')
    const { code, stderr } = await applyPolicy(policy('7011'), '--yes')
    expect(stderr).toMatch(/billing (?:ends, and PM2 starts it again and again|does not stay up)/)
    expect(stderr).toContain('everything is as it was')
    expect(code).toBe(2)
    expect(await definition('billing')).toEqual(before)
    await until(async () => (await get(7001)) === `billing 0.0.0.0 7001 ${CANARY.length}`)
  })

  it('one that listens elsewhere than it is told is noticed, also in cluster mode', async () => {
    await ada('touch wide-7012 wide-7022')
    const fork = await applyPolicy(policy('7012'), '--yes')
    expect(fork.stderr).toContain('billing listens on tcp 0.0.0.0:7012, and was told 127.0.0.1')
    expect(fork.code).toBe(2)
    const cluster = await applyPolicy(policy('7001').replace('7002', '7022'), '--yes')
    expect(cluster.stderr).toContain('search listens on tcp 0.0.0.0:7022, and was told 127.0.0.1')
    expect(cluster.code).toBe(2)
    await until(async () => (await get(7002)) === 'search 127.0.0.1 7002 0')
    expect(await running('search')).toBe(2)
  })

  it('a daemon that was started anew before it was confirmed has lost the change, which is not taken for kept', async () => {
    const before = await definition('billing')
    expect(await applyPolicy(policy('7001'), '--yes')).toMatchObject({ code: 0 })
    await ada('pm2 kill; pm2 resurrect')
    const { code, stderr } = await apply('--confirm')
    expect(stderr).toContain('PM2 was started anew before the change was confirmed')
    expect(code).toBe(2)
    expect(await apply('--revert')).toMatchObject({ code: 0 })
    expect(await definition('billing')).toEqual(before)
  })

  it('confirmed, it is saved, comes back with the daemon, and there is nothing to do again', async () => {
    const others = await pidsOf('worker')
    expect(await applyPolicy(policy('7001').replace('7002', '7023'), '--yes')).toMatchObject({ code: 0 })
    expect(await listening()).toEqual(expect.arrayContaining(['127.0.0.1:7001', '127.0.0.1:7023']))
    const confirmed = await apply('--confirm')
    expect(confirmed.stderr).toContain('nothing starts PM2 of ada when this machine starts')
    expect(confirmed.code).toBe(0)
    expect((await lab.hosts.server.run(['grep', '-rl', CANARY, '/var/ada/.local'], { exit: 'any' })).stdout).toBe('')
    const pids = await pidsOf('billing', 'search')
    expect((await apply('pm2 --yes')).stdout).toContain('Nothing to change')
    expect(await pidsOf('billing', 'search')).toEqual(pids)
    expect(await pidsOf('worker')).toEqual(others)
    await ada('pm2 kill; pm2 resurrect')
    await until(async () => (await get(7001)) === `billing 127.0.0.1 7001 ${CANARY.length}`)
    // Each of them takes its own time.
    const all = ['127.0.0.1:7001', '127.0.0.1:7023', '0.0.0.0:7009']
    await until(async () => {
      const there = await listening()
      return all.every((one) => there.includes(one))
    })
  })

  it('C6 · also what was confirmed is taken back, and saved; what was set meanwhile stays', async () => {
    await ada('pm2 stop search')
    expect(await apply('--revert')).toMatchObject({ code: 0, stderr: '' })
    await until(async () => (await get(7001)) === `billing 0.0.0.0 7001 ${CANARY.length}`)
    const [billing] = await definition('billing')
    expect(billing?.['NODE_ENV']).toBeUndefined()
    const search = (await list()).filter(({ name }) => name === 'search').map(({ pm2_env: { status, env } }) => [status, env['PORT']])
    expect(search).toEqual([
      ['stopped', '7002'],
      ['stopped', '7002'],
    ])
    expect((await lab.hosts.server.run(['grep', '-rl', CANARY, '/var/ada/.local'], { exit: 'any' })).stdout).toBe('')
    await ada('pm2 kill; pm2 resurrect; pm2 start search')
    await until(async () => (await get(7002)) === 'search 127.0.0.1 7002 0')
    await until(async () => (await get(7001)) === `billing 0.0.0.0 7001 ${CANARY.length}`)
  })

  it('an app that the policy alone knows comes, without the variables of whoever applies it, and goes again', async () => {
    const text = policy('7001')
      .replace('7002', '7023')
      .replace(/run: \{ pm2: (\w+) \}/g, 'run: { command: node app.js }')
    const extra = `${text}  extra: { port: 7030, run: { command: node app.js a b } }\n`
    await applyPolicy(extra, '--yes --within 4')
    expect(await get(7030)).toBe('extra 127.0.0.1 7030 0')
    expect(JSON.stringify((await list()).filter(({ name }) => name === 'extra'))).not.toContain('none-of-theirs')
    await until(async () => (await apply('--status')).stdout === 'pm2: taken back\n')
    expect(await running('extra')).toBe(0)
    // Where the policy says how all of it is started, that lasts too.
    expect(await applyPolicy(extra, '--yes')).toMatchObject({ code: 0, stderr: '' })
    expect((await apply('--confirm')).stdout).toContain('wrote /var/ada/ecosystem.config.js')
    expect((await applyPolicy(extra, '--yes')).stdout).toContain('Nothing to change')
    expect((await ada('node -p "require(\'./ecosystem.config.js\').apps.map(({ name }) => name).join()"')).stdout.trim()).toContain('extra')
    expect(await apply('--revert')).toMatchObject({ code: 0, stderr: '' })
    expect(await running('extra')).toBe(0)
    expect((await ada('ls')).stdout).not.toContain('ecosystem.config.js')
  })

  it('what is not clear is refused: other users, no daemon, two of them, a name twice, a start that nobody knows', async () => {
    const root = (...variables: readonly string[]) => {
      const environment = ['env', '-i', `PATH=/var/bin:${join(process.execPath, '..')}:/usr/bin:/bin`, ...variables]
      const words = ['/bin/sh', '-c', 'cd /var/ada; exec "$@"', 'sh', ...environment, process.execPath, CLI, 'apply', 'pm2', '--yes']
      return lab.hosts.server.run(words, { exit: 'any' })
    }
    expect((await root('HOME=/root', 'PM2_HOME=/var/ada/.pm2')).stderr).toContain(
      'the PM2 of /var/ada/.pm2 runs as user ada, and this as root',
    )
    expect((await root('HOME=/var/nobody', 'SUDO_USER=ada')).stderr).toContain('if PM2 is ada’s, run this as ada, without sudo')
    expect((await root('HOME=/var/nobody')).stderr).toContain('no PM2 of root runs')
    await lab.hosts.server.run(['/bin/sh', '-c', 'HOME=/var/root PATH=/var/bin:$PATH PM2_HOME=/var/root/.pm2 pm2 ping'])
    expect((await root('HOME=/var/root', 'SUDO_USER=ada')).stderr).toContain('both root and ada have a PM2 that runs')
    expect((await apply('nftables --yes')).stderr).toContain('only root may change')
    const missing = await applyPolicy(policy('7001', '  ghost: { port: 7040, run: { pm2: ghost } }\n'), '--yes')
    expect(missing.stderr).toContain('PM2 has no app ghost, and the policy does not say how it is started')
    await ada('pm2 start app.js --name billing --namespace other -f')
    expect((await applyPolicy(policy('7001'), '--yes')).stderr).toContain('PM2 has different apps called billing')
  })

  it('root has a PM2 and a folder of its own', async () => {
    const root = (script: string) => {
      const environment = ['env', '-i', 'HOME=/var/root', `PATH=/var/bin:${join(process.execPath, '..')}:/usr/bin:/bin`]
      return lab.hosts.server.run([...environment, '/bin/sh', '-c', `cd /var/root; ${script}`], { exit: 'any', timeoutMs: 60_000 })
    }
    await lab.hosts.server.write('/var/root/sallyport.yaml', policy('7101').split('\n').slice(0, 4).join('\n'))
    await root('HOST=0.0.0.0 PORT=7101 pm2 start /var/ada/app.js --name billing')
    expect(await root(`${process.execPath} ${CLI} apply pm2 --yes`)).toMatchObject({ code: 0, stderr: '' })
    expect((await root('ls -A /var/root/.local /var/lib/sallyport/apply/current')).stdout).toContain('armed')
    expect(await get(7101)).toBe('billing 127.0.0.1 7101 0')
    expect(await root(`${process.execPath} ${CLI} apply --revert`)).toMatchObject({ code: 0 })
    await until(async () => (await get(7101)) === 'billing 0.0.0.0 7101 0')
  })

  it('a daemon that does not answer is said so', async () => {
    await ada('kill -STOP $(cat .pm2/pm2.pid)')
    const { stderr, code } = await apply('pm2 --yes')
    await ada('kill -CONT $(cat .pm2/pm2.pid)')
    expect(stderr).toContain('PM2 does not answer')
    expect(code).toBe(2)
  })

  it('C5 · no secret is in anything that was said', () => {
    expect(said.join('')).not.toContain(CANARY)
    expect(said.join('')).not.toContain(Buffer.from(CANARY).toString('base64').slice(0, -4))
  })
})

/** An ordinary user, with pm2 in the PATH. */
const SET_UP = `echo 'ada:x:1500:1500::/var/ada:/bin/sh' >>/etc/passwd
mkdir -p /var/bin
ln -s "$1" /var/bin/pm2
chown -R 1500:1500 /var/ada`

/** Starts it, waits for the moment, and kills it. */
const KILLED = `rm -rf .local; APPLY >out 2>&1 & pid=$!
while kill -0 $pid 2>/dev/null; do
  if [ -e .local/state/sallyport/apply/current/MOMENT ]; then kill -KILL $pid && echo killed; break; fi
done
wait $pid || [ $? = 137 ] || cat out
[ MOMENT = begun ] || echo 'killed, or through'`
