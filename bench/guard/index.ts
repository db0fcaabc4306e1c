// `npm run bench -- guard`: what the guard costs, in CPU of the server's process for each request, beside what others use for less.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import autocannon from 'autocannon'
import { bundled } from '../bundled.ts'

const REQUESTS = 20_000
const WARM_UP = 20_000
const ROUNDS = 9

const GROUPS = [
  ['node:http', ['node:http, guard', 'node:http, guard with limit']],
  ['fastify', ['fastify, guard', 'fastify, helmet + cors + rate-limit']],
  ['express', ['express, guard', 'express, helmet + cors + rate-limit']],
] as const

/** What a browser sends, ten headers: every one is looked at. */
const HEADERS = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  Accept: 'application/json, text/plain, */*',
  'Accept-Encoding': 'gzip, deflate, br',
  'Accept-Language': 'en-GB,en;q=0.9',
  Origin: 'http://localhost:3000',
  Referer: 'http://localhost:3000/',
  'Sec-Fetch-Dest': 'empty',
  'Sec-Fetch-Mode': 'cors',
  'Sec-Fetch-Site': 'same-site',
}

class Measured {
  readonly name: string
  readonly #child: ChildProcess
  #port = 0
  /** Microseconds of each round. */
  readonly rounds: number[] = []

  constructor(script: string, name: string) {
    this.name = name
    this.#child = fork(script, [name])
  }

  async start(): Promise<void> {
    const [{ port }] = (await once(this.#child, 'message')) as [{ port: number }]
    this.#port = port
    await this.#load(WARM_UP)
  }

  async round(): Promise<void> {
    const before = await this.#cpu()
    await this.#load(REQUESTS)
    this.rounds.push(((await this.#cpu()) - before) / REQUESTS)
  }

  /** Whatever else the machine does makes a round slower, never faster. */
  get best(): number {
    return Math.min(...this.rounds)
  }

  stop(): void {
    this.#child.disconnect()
  }

  async #load(amount: number): Promise<void> {
    const result = await autocannon({ url: `http://localhost:${this.#port}/`, amount, connections: 10, headers: HEADERS })
    if (result['2xx'] !== amount) throw new Error(`${this.name}: ${result['2xx']} of ${amount} answered well`)
  }

  async #cpu(): Promise<number> {
    this.#child.send('')
    const [{ microseconds }] = (await once(this.#child, 'message')) as [{ microseconds: number }]
    return microseconds
  }
}

export async function measureGuard(print: (line: string) => void): Promise<void> {
  const script = await bundled('guard/server.ts')
  for (const [bare, others] of GROUPS) {
    const all = [bare, ...others].map((name) => new Measured(script, name))
    try {
      for (const one of all) await one.start()
      for (let round = 0; round < ROUNDS; round++) for (const one of all) await one.round()
    } finally {
      for (const one of all) one.stop()
    }
    const [base] = all
    for (const { name, best } of all) {
      const more = base === undefined || name === bare ? '' : `, ${(best - base.best).toFixed(1)} µs more`
      print(`${name.padEnd(40)} ${best.toFixed(1).padStart(6)} µs of CPU a request${more}`)
    }
  }
}
