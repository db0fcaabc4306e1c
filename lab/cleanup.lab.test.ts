import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { Lab } from './lab.ts'
import { describeLab } from './testing.ts'
import { isRunning, sweep, traces } from './traces.ts'

const ABANDON = fileURLToPath(new URL('fixtures/abandon.ts', import.meta.url))

interface Abandoned {
  readonly child: ChildProcess
  /** Process ids as this machine numbers them of all that runs in the lab's host: dockerd, containerd, shim, container, sleep … */
  readonly running: readonly number[]
  readonly ended: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>
}

/** A process that builds a lab with Docker and a container in it, and then ends as told without closing it. */
async function abandon(ending: 'wait' | 'throw' | 'exit' | 'kill'): Promise<Abandoned> {
  const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', ABANDON, ending], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  return { child, running: below((JSON.parse(line) as { host: number }).host), ended }
}

/** A process and all its descendants. */
function below(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean)
  return [pid, ...children.flatMap((child) => below(Number(child)))]
}

const alive = (pids: readonly number[]) => pids.filter(isRunning)
const tracesOf = (pid: number | undefined) => traces((name) => name.startsWith(`sp-${pid}-`))
const mountsOf = (pid: number | undefined) =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(`sp-${pid}-`))

async function soon(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 200 && !condition(); tries++) await new Promise((resolve) => setTimeout(resolve, 25))
  return condition()
}

await describeLab('a lab leaves nothing behind', () => {
  let abandoned: Abandoned | undefined
  afterEach(async () => {
    abandoned?.child.kill('SIGKILL')
    await abandoned?.ended
    abandoned = undefined
    sweep()
  })

  it('when it is closed', async () => {
    const lab = await Lab.create({ zones: { lan: ['192.168.1.0/24'] }, hosts: { server: { on: { lan: ['192.168.1.10'] } } } })
    const docker = await lab.hosts.server.docker()
    await docker.run({ name: 'web', serve: [80] })
    await lab.hosts.server.spawn(['setsid', 'sleep', '1000000'])
    const running = below(lab.hosts.server.pid)
    expect(running.length).toBeGreaterThan(3)
    expect(mountsOf(process.pid).length).toBeGreaterThanOrEqual(2)
    expect(tracesOf(process.pid)).toHaveLength(2 + groupsOf(lab.hosts.server.netns))
    await lab.close()
    expect(alive(running)).toEqual([])
    expect(tracesOf(process.pid)).toEqual([])
    expect(mountsOf(process.pid)).toEqual([])
  })

  it('when it cannot be built', async () => {
    const zones = { lan: ['192.168.1.0/24'] }
    const hosts = { server: { on: { lan: ['192.168.1.10'] }, sysctl: { 'net.ipv4.no_such_thing': 1 } } }
    await expect(Lab.create({ zones, hosts })).rejects.toThrow('no_such_thing')
    expect(tracesOf(process.pid)).toEqual([])
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('when %s ends the process', async (signal) => {
    abandoned = await abandon('wait')
    const { child, running, ended } = abandoned
    expect(tracesOf(child.pid).length).toBeGreaterThan(2)
    child.kill(signal)
    expect((await ended)[1]).toBe(signal)
    expect(tracesOf(child.pid)).toEqual([])
    expect(mountsOf(child.pid)).toEqual([])
    expect(await soon(() => alive(running).length === 0)).toBe(true)
  })

  it.each([
    ['throw', 1],
    ['exit', 7],
  ] as const)('when the process ends by an uncaught exception or process.exit: %s', async (ending, code) => {
    abandoned = await abandon(ending)
    const { child, running, ended } = abandoned
    expect((await ended)[0]).toBe(code)
    expect(tracesOf(child.pid)).toEqual([])
    expect(await soon(() => alive(running).length === 0)).toBe(true)
  })

  it('when the process is killed: its processes end at once, the rest goes with the next sweep, which spares the living', async () => {
    abandoned = await abandon('wait')
    const { child, running, ended } = abandoned
    expect(running.length).toBeGreaterThan(3)
    expect(sweep().filter((path) => path.includes(`sp-${child.pid}-`))).toEqual([])
    expect(alive(running)).toEqual(running)

    child.kill('SIGKILL')
    await ended
    expect(await soon(() => alive(running).length === 0)).toBe(true)
    expect(tracesOf(child.pid).length).toBeGreaterThan(2)
    expect(sweep().filter((path) => path.includes(`sp-${child.pid}-`)).length).toBeGreaterThan(2)
    expect(tracesOf(child.pid)).toEqual([])
    expect(mountsOf(child.pid)).toEqual([])
  })
})

/** How many control group hierarchies have one for the host. */
function groupsOf(netns: string): number {
  return traces((name) => name === netns).filter((path) => path.startsWith('/sys/')).length
}
