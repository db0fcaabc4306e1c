import { mkdtempSync, readFileSync, readlinkSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir, uptime } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { withLock } from './lock.ts'

const place = mkdtempSync(join(tmpdir(), 'sp-lock-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const boot = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const namespace = (): string => readlinkSync('/proc/self/ns/pid')
const EARLIER = '11111111-2222-3333-4444-555555555555'

/** A lock of this very process' number, put there so many seconds before this machine was started. */
function lockAt(name: string, where: readonly string[], before: number): string {
  const target = join(place, name)
  const lock = `${target}.sallyport-lock`
  writeFileSync(lock, JSON.stringify({ token: '0123456789abcdef01234567', pid: process.pid, started: '1', where: where.join(' ') }))
  const at = Date.now() / 1000 - uptime() - before
  utimesSync(lock, at, at)
  return target
}

describe.skipIf(process.platform !== 'linux')('a lock that was left', () => {
  it("C6 · before the machine was started anew is nobody's: nobody waits for it", async () => {
    expect(await withLock(lockAt('one', [hostname(), EARLIER, namespace()], 3600), () => 'done')).toBe('done')
  })

  it("C6 · by a process whose number another one has by now is nobody's", async () => {
    expect(await withLock(lockAt('two', [hostname(), boot(), namespace()], 3600), () => 'done')).toBe('done')
  })

  it.each([
    ['another machine', [`${hostname()}-other`, EARLIER, namespace()], 3600],
    ['another container', [hostname(), EARLIER, 'pid:[1]'], 3600],
    ['a machine of the same name that is running', [hostname(), EARLIER, namespace()], -1],
  ] as const)('C6 · by %s is waited for', async (name, where, before) => {
    const target = lockAt(name.replaceAll(' ', '-'), where, before)
    const waiting = withLock(target, () => 'done')
    let isDone = false
    void waiting.then(() => (isDone = true))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(isDone).toBe(false)
    rmSync(`${target}.sallyport-lock`)
    expect(await waiting).toBe('done')
  })
})
