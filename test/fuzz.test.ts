import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Evidence } from '@sallyport/core/evidence'
import { Text } from '../packages/core/src/evidence/text.ts'
import { wrongPlace } from './fuzz/places.ts'
import type { Job, Message } from './fuzz/run.ts'

/** Inputs tried for every reader, in place of the numbers below: `SALLYPORT_FUZZ=100000` is the full figure. */
const FUZZ = process.env['SALLYPORT_FUZZ']
/** Silence that long is a hang, however busy the machine. */
const SILENCE_MS = 30_000

/** What is tried, in a process of its own: a reader that hangs or takes all memory is ended, and named with its input. */
class Trial {
  readonly #child: ChildProcess
  readers: readonly string[] = []

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(): Promise<Trial> {
    const trial = new Trial(
      fork(fileURLToPath(new URL('fuzz/run.ts', import.meta.url)), {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        execArgv: ['--conditions=source', '--import', 'tsx', '--max-old-space-size=1024'],
      }),
    )
    const ready = await trial.#answer('the start')
    if (ready.kind === 'ready') trial.readers = ready.readers
    return trial
  }

  run(job: Job): Promise<Message> {
    this.#child.send(job)
    return this.#answer(`${job.reader}, input ${job.from}`)
  }

  #answer(start: string): Promise<Message> {
    return new Promise((resolve, reject) => {
      let last = start
      const silence = setTimeout(() => this.stop(), SILENCE_MS)
      const end = (): void => {
        clearTimeout(silence)
        this.#child.off('message', heard).off('exit', ended)
      }
      const heard = (message: Message): void => {
        silence.refresh()
        if (message.kind === 'at') last = `input ${message.input} or one of the next`
        else {
          end()
          resolve(message)
        }
      }
      const ended = (code: number | null, signal: string | null): void => {
        end()
        reject(new Error(`hung, or ended with ${code ?? signal}, at ${last}`))
      }
      this.#child.on('message', heard).on('exit', ended)
    })
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }
}

/** The readers, with how many inputs each is tried on here: more where one costs little. */
const READERS: readonly (readonly [reader: string, inputs: number])[] = [
  ['batch', 800],
  ['caddy', 1000],
  ['compose', 400],
  ['dockerfile', 1000],
  ['dotenv', 1000],
  ['filter-start', 800],
  ['firewalld', 800],
  ['go', 800],
  ['haproxy', 1000],
  ['iptables', 400],
  ['javascript', 500],
  ['kubernetes', 400],
  ['makefile', 800],
  ['nftables', 1000],
  ['nginx', 1000],
  ['package-json', 1000],
  ['pm2', 800],
  ['powershell', 500],
  ['procfile', 800],
  ['python', 1000],
  ['quadlet', 400],
  ['shell', 800],
  ['supervisor', 800],
  ['systemd', 2000],
  ['tasks', 800],
  ['ufw', 400],
  ['folder', 500],
  ['iptables-save', 400],
  ['nft', 1000],
  ['nft-text', 1000],
  ['ipset', 2000],
  ['proc-net', 10_000],
  ['ss', 10_000],
  ['ip', 5000],
  ['kernel-tables', 5000],
  ['process', 10_000],
  ['docker', 5000],
  ['nginx -T', 2000],
]

/** Readers whose format leaves little that is wrong: what is odd is still a value. */
const SELDOM = new Set(['filter-start', 'go', 'ipset', 'javascript', 'python'])

describe('mutated inputs', () => {
  let trial: Trial
  beforeAll(async () => {
    trial = await Trial.start()
  })
  afterAll(() => trial?.stop())

  it('every reader is tried', () => {
    expect(trial.readers).toEqual(READERS.map(([reader]) => reader))
  })

  it.each(READERS.map(([reader, inputs]) => [reader, Number(FUZZ ?? inputs)] as const))(
    'C4 · %s survives %i mutated inputs: nothing thrown, nothing slow, every gap and every claim in its place',
    async (reader, count) => {
      let outcome: Message
      try {
        outcome = await trial.run({ reader, from: 0, count })
      } catch (error) {
        // The readers after this one are tried all the same.
        trial = await Trial.start()
        throw error
      }
      if (outcome.kind === 'failed') throw new Error(`input ${outcome.input}: ${outcome.why}\n${JSON.stringify(outcome.files)}`)
      if (outcome.kind !== 'done') throw new Error(outcome.kind)
      expect(outcome.inputs).toBe(count)
      // Mutations are strong enough to be noticed, and weak enough to leave something that is read.
      if (!SELDOM.has(reader)) expect(outcome.withGaps).toBeGreaterThan(count / 40)
      if (FUZZ !== undefined)
        process.stderr.write(
          `${reader}: ${count} inputs in ${outcome.seconds.toFixed(0)} s, the slowest ${outcome.slowest.toFixed(0)} ms\n`,
        )
    },
    60_000 + Number(FUZZ ?? 0) * 40,
  )
})

describe('what is held against a reading', () => {
  const text = new Text('a.conf', 'one\r\ntwo\rthree\n')
  const files = new Map([['a.conf', text.content]])
  const gap = (origin: Evidence['origin'], what = 'a part'): Evidence => ({
    claim: { claim: 'gap', code: 'not-understood', what, affects: { kind: 'folder' } },
    origin,
    standing: 'configured',
    host: 'host',
    capturedAt: 0,
  })
  const origin = text.origin(9, 12)
  const moved = (line: number, column: number, offset: number) => ({
    ...origin,
    span: { start: { line, column, offset }, end: origin.span.end },
  })

  it('a place that is right passes', () => {
    expect(wrongPlace([gap(origin)], files)).toBeUndefined()
    expect(origin.span.start).toEqual({ line: 3, column: 1, offset: 9 })
  })

  it.each([
    ['no place at all', gap({ kind: 'kernel', path: '/proc' })],
    ['no words', gap(origin, '')],
    ['words that move a cursor', gap(origin, 'a \u001b[2J')],
    ['another file', gap({ ...origin, path: 'b.conf' })],
    ['beyond the end', gap({ ...origin, span: { start: origin.span.start, end: { line: 3, column: 100, offset: 108 } } })],
    ['a line that the offset is not on', gap(moved(2, 1, 9))],
    ['a column that the offset is not in', gap(moved(3, 2, 9))],
    ['an end before the start', gap({ ...origin, span: { start: origin.span.end, end: origin.span.start } })],
  ])('%s does not', (_, evidence) => {
    expect(wrongPlace([evidence], files)).toBeDefined()
  })
})
