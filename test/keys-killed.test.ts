import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { folder, ROOT } from './cli.ts'

/** Real processes that run the command, killed at any moment and at each write: M9 holds all the same. */
const EXAMPLE =
  '# Copy to .env.\nJWT_SECRET=your_jwt_secret # signs\nINTERNAL_API_KEY=\nPORT=8000\nSESSION_SECRET=change_me\nOPENAI_API_KEY=your_key\n'
const WHOLE =
  /^# Copy to \.env\.\nJWT_SECRET=([\w-]{43}) # signs\nINTERNAL_API_KEY=([\w-]{43})\nPORT=8000\nSESSION_SECRET=([\w-]{43})\nOPENAI_API_KEY=your_key\n$/

// Many processes one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 300_000 })

const made = mkdtempSync(join(tmpdir(), 'sp-keys-'))
const worker = join(made, 'worker.mjs')
const running = new Set<ChildProcess>()

beforeAll(async () => {
  await build({
    entryPoints: [join(ROOT, 'test/keys/worker.ts')],
    outfile: worker,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
    external: ['@ast-grep/*'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  })
})
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(made, { recursive: true, force: true })
})

interface Ended {
  readonly done: number
  readonly signal: NodeJS.Signals | null
  readonly said: string
}

/** One process that runs the command once for each word; killed after so many milliseconds, where that is said. */
function work(
  path: string,
  words: readonly string[],
  options: { killAfter?: number; env?: Record<string, string>; args?: readonly string[] } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...(options.args ?? []), worker, path], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, ...options.env },
    })
    running.add(child)
    let said = ''
    let done = 0
    let timer: NodeJS.Timeout | undefined
    child.stdin?.on('error', () => {})
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      done = said.split('\ndone\n').length - 1
      // From its first answer on, since to start takes longer than to work.
      if (done > 0 && options.killAfter !== undefined) timer ??= setTimeout(() => child.kill('SIGKILL'), options.killAfter)
    })
    child.stdin?.end(words.map((word) => `${word}\n`).join(''))
    child.on('close', (_, signal) => {
      clearTimeout(timer)
      running.delete(child)
      resolve({ done, signal, said })
    })
  })
}

const leftOvers = (path: string): readonly string[] => readdirSync(path).filter((name) => name !== '.env' && name !== '.env.example')

/** Reads the file all the while; whatever it finds has to be whole. */
async function watched<T>(path: string, act: () => Promise<T>): Promise<{ readonly result: T; readonly seen: ReadonlySet<string> }> {
  const seen = new Set<string>()
  const timer = setInterval(() => {
    try {
      seen.add(readFileSync(join(path, '.env'), 'utf8'))
    } catch {
      // Not there yet.
    }
  }, 3)
  try {
    return { result: await act(), seen }
  } finally {
    clearInterval(timer)
  }
}

/** So many processes at a time, until all have run. */
async function atATime<T>(limit: number, tasks: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const waiting = [...tasks]
  const results: T[] = []
  const next = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) results.push(await task())
  }
  await Promise.all(Array.from({ length: limit }, next))
  return results
}

/** Reproducible (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('sallyport keys, by many at once', () => {
  it('M9 · 1,000 runs, 16 at a time, a third of the processes killed: one set of keys from the first moment to the last', async () => {
    const path = folder({ '.env.example': EXAMPLE })
    const draw = random(20260109)
    const tasks = Array.from(
      { length: 100 },
      (_, index) => () => work(path, Array<string>(10).fill('generate'), index % 3 === 0 ? { killAfter: draw() * 60 } : {}),
    )
    const { result, seen } = await watched(path, () => atATime(16, tasks))
    expect(result.flatMap(({ said }) => [...said.matchAll(/^failed .*$/gm)].map(([line]) => line))).toEqual([])
    expect(result.reduce((sum, { done }) => sum + done, 0)).toBeGreaterThan(660)
    expect(result.some(({ signal }) => signal === 'SIGKILL')).toBe(true)
    await work(path, ['generate'])
    const last = readFileSync(join(path, '.env'), 'utf8')
    expect(last).toMatch(WHOLE)
    expect(new Set(WHOLE.exec(last)?.slice(1)).size).toBe(3)
    expect([...seen]).toEqual([last])
    expect(leftOvers(path)).toEqual([])
  })

  it('M9 · the same with keys that are rotated meanwhile: whoever reads finds one whole set, and no other line ever changes', async () => {
    const path = folder({ '.env.example': EXAMPLE })
    await work(path, ['generate'])
    const draw = random(20260110)
    const tasks = Array.from(
      { length: 40 },
      (_, index) => () =>
        work(path, ['generate', 'rotate', 'rotate', 'generate', 'rotate'], index % 2 === 0 ? { killAfter: draw() * 40 } : {}),
    )
    const { result, seen } = await watched(path, () => atATime(16, tasks))
    expect(result.flatMap(({ said }) => [...said.matchAll(/^failed .*$/gm)].map(([line]) => line))).toEqual([])
    await work(path, ['generate'])
    expect(seen.size).toBeGreaterThan(3)
    const sets = [...seen, readFileSync(join(path, '.env'), 'utf8')].map((text) => {
      expect(text).toMatch(WHOLE)
      return WHOLE.exec(text)?.slice(1) ?? []
    })
    // A key belongs to one set only: no file is a mixture of two.
    const distinct = new Set(sets.map((set) => set.join(' ')))
    expect(new Set(sets.flat()).size).toBe(distinct.size * 3)
    expect(leftOvers(path)).toEqual([])
  })
})

describe('sallyport keys, killed at each write', () => {
  const cases = ['before', 'after'].flatMap((when) => ['new', 'there'].map((which) => [when, which] as const))
  it.each(cases)(
    'M9 · right %s it, with a file that is %s: the old one or the new one, and the next run puts all in order',
    async (when, which) => {
      const before = which === 'there' ? EXAMPLE : undefined
      for (let at = 1; ; at++) {
        const path = folder({ '.env.example': EXAMPLE, ...(before === undefined ? {} : { '.env': before }) })
        const ended = await work(path, ['generate'], {
          args: ['--import', join(ROOT, 'test/keys/killer.mjs')],
          env: { KILL_AT: String(at), KILL_WHEN: when },
        })
        const left = leftOvers(path)
        const now = read(path)
        if (now !== before) expect({ at, now }).toMatchObject({ now: expect.stringMatching(WHOLE) })
        // A lock or an unfinished file that was left: somebody else's run goes on all the same, and takes it away.
        const next = await work(path, ['generate'])
        expect({ at, left, done: next.done, said: next.said }).toMatchObject({ at, done: 1 })
        expect({ at, now: read(path) }).toMatchObject({ at, now: expect.stringMatching(WHOLE) })
        if (now !== undefined && now !== before) expect(read(path)).toBe(now)
        expect({ at, left: leftOvers(path) }).toEqual({ at, left: [] })
        rmSync(path, { recursive: true, force: true })
        if (ended.signal === null) {
          expect(at).toBeGreaterThan(12)
          return
        }
      }
    },
  )
})

function read(path: string): string | undefined {
  try {
    return readFileSync(join(path, '.env'), 'utf8')
  } catch {
    return undefined
  }
}
