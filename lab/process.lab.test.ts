import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Background } from './background.ts'
import { demo, introduction, TO_TRY } from './demo.ts'
import { isRunning } from './traces.ts'
import { describeLab } from './testing.ts'

/** Until it has said so: a signal sent earlier would meet no trap. */
async function up(process: Background): Promise<void> {
  while (!process.stdout.includes('up')) await new Promise((resolve) => setTimeout(resolve, 10))
}

await describeLab('processes of a lab host', () => {
  let lab: Awaited<ReturnType<typeof demo>>
  beforeAll(async () => {
    lab = await demo()
  })
  afterAll(() => lab?.close())

  it('run in the host, with input, environment, folder and exit code', async () => {
    const { server } = lab.hosts
    const script = 'cat; hostname; echo $WORD; pwd; echo oops >&2; exit 3'
    const output = await server.run(['sh', '-c', script], { input: 'in\n', env: { WORD: 'word' }, cwd: '/tmp', exit: [3] })
    expect(output).toEqual({ code: 3, signal: null, stdout: 'in\nserver\nword\n/tmp\n', stderr: 'oops\n' })
    await expect(server.run(['sh', '-c', script])).rejects.toThrow('server: sh -c')
    await expect(server.run(['sh', '-c', script])).rejects.toThrow('exit code 3\noops')
  })

  it('are told of in a shell, with commands that work there', async () => {
    const { server } = lab.hosts
    const text = introduction(server)
    expect(text).toContain('This is server, 198.51.100.10 (internet), ')
    for (const line of TO_TRY) expect(text).toContain(`  ${line}\n`)
    const background = TO_TRY.filter((line) => line.endsWith('&')).map((line) => line.slice(0, -1))
    const listening = await server.spawn(['sh', '-c', `exec ${background.join()}`])
    await server.untilListening([{ protocol: 'tcp', port: 8080 }])
    const script = TO_TRY.filter((line) => !line.endsWith('&')).join('\n')
    const { stdout } = await server.run(['sh', '-c', `${script}\nufw --force disable`], { exit: 'any', timeoutMs: 120_000 })
    await listening.stop()
    expect(stdout).toMatch(/tcp \*:8080 +the internet/)
    expect(stdout).toContain('ufw prepend allow 8080/tcp')
  })

  it('end on a timeout, with all they started', async () => {
    const { server } = lab.hosts
    await expect(server.run(['sh', '-c', 'sleep 987654 & sleep 987654'], { timeoutMs: 200 })).rejects.toThrow('did not end within 200 ms')
    const { stdout } = await server.run(['ps', '-eo', 'args='])
    expect(stdout).not.toContain('987654')
  })

  it('may leave a daemon behind', async () => {
    const { server } = lab.hosts
    const { stdout } = await server.run(['sh', '-c', 'sleep 987654 & echo $!'])
    expect((await server.run(['ps', '-o', 'args=', '-p', stdout.trim()])).stdout).toBe('sleep 987654\n')
    await server.run(['kill', stdout.trim()])
  })

  it('run in the background, are told by their own process id, and end by signal or force', async () => {
    const { server } = lab.hosts
    const polite = await server.spawn(['sh', '-c', 'trap "echo bye; exit 4" TERM; echo up; while :; do sleep 0.05; done'])
    expect((await server.run(['ps', '-o', 'comm=', '-p', String(polite.pid)])).stdout).toBe('sh\n')
    await up(polite)
    expect(await polite.stop()).toEqual({ code: 4, signal: null })
    expect(polite.stdout).toBe('up\nbye\n')
    const stubborn = await server.spawn(['sh', '-c', 'trap "" TERM; echo up; while :; do sleep 0.05; done'])
    await up(stubborn)
    expect((await stubborn.stop(300)).signal).toBe('SIGKILL')
    // What led into the host has ended; the process itself, killed with it, may take a moment longer.
    const gone = `for i in $(seq 100); do ps -p ${stubborn.pid} > /dev/null || exit 0; sleep 0.05; done; exit 1`
    expect((await server.run(['sh', '-c', gone])).code).toBe(0)
    await expect(server.spawn(['no-such-program'])).rejects.toThrow('no-such-program: not found')
  })

  it('see a machine of their own: processes, interfaces, /run, and writes that stay inside', async () => {
    const { server, neighbour } = lab.hosts
    expect((await server.run(['ls', '/sys/class/net'])).stdout.split('\n').filter(Boolean).sort()).toEqual(['internet', 'lan', 'lo'])
    expect((await server.run(['ps', '-eo', 'pid=,comm='])).stdout).not.toContain('vitest')
    const forwarding = ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding', 'net.ipv4.conf.lan.rp_filter']
    expect((await server.run(['sysctl', '-n', ...forwarding])).stdout).toBe('1\n1\n0\n')
    expect((await neighbour.run(['sysctl', '-n', ...forwarding])).stdout).toBe('0\n0\n0\n')
    await server.write('/etc/lab/deep/file', 'private')
    expect((await server.run(['cat', '/etc/lab/deep/file'])).stdout).toBe('private')
    expect((await neighbour.run(['ls', '/etc/lab'], { exit: [2] })).code).toBe(2)
    expect(isRunning(server.pid)).toBe(true)
    await expect(server.untilListening([{ protocol: 'tcp', port: 1 }], 50)).rejects.toThrow('nothing listens on tcp/1')
  })
})
