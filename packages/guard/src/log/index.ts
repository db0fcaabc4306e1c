import type { LogOptions } from '../options.ts'
import type { Refused } from '../refused.ts'
import { LogFile } from './file.ts'
import { lineOf } from './line.ts'

const DEFAULT_LOG = 'logs/security.log'

/** The security log: one line for each refusal, and one that counts those beyond the limit. */
export class SecurityLog {
  readonly #file: LogFile
  readonly #perSecond: number
  readonly #now: () => Date
  #second = 0
  #written = 0
  #leftOut = 0
  #telling: NodeJS.Timeout | undefined

  constructor(options: LogOptions, now: () => Date) {
    const { file = DEFAULT_LOG, maxBytes = 10_000_000, files = 5 } = options
    this.#file = new LogFile({ file, maxBytes, files }, () => this.#tellLeftOut())
    this.#perSecond = options.perSecond ?? 100
    this.#now = now
  }

  add(event: Refused): void {
    const second = Math.floor(this.#now().getTime() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#written = 0
      this.#tellLeftOut()
    }
    if (this.#written < this.#perSecond && this.#file.append(lineOf(event))) this.#written++
    else {
      this.#leftOut++
      // A flood that ends is told of too.
      this.#telling ??= setTimeout(() => this.#tellLeftOut(), 1000).unref()
    }
  }

  async close(): Promise<void> {
    this.#tellLeftOut()
    await this.#file.close()
  }

  #tellLeftOut(): void {
    clearTimeout(this.#telling)
    this.#telling = undefined
    this.#leftOut += this.#file.takeLost()
    if (this.#leftOut === 0) return
    const line = lineOf({ time: this.#now().toISOString(), code: 'left-out', count: this.#leftOut })
    if (this.#file.append(line)) this.#leftOut = 0
  }
}
