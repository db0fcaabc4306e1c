import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface FileLimits {
  readonly file: string
  readonly maxBytes: number
  readonly files: number
}

/** Waiting bytes beyond which lines are given up: a disk that is slower than an attacker must not fill memory. */
const MOST_WAITING = 1_000_000

/** One listener for all: Node warns of more than ten. */
const open = new Set<LogFile>()

function writeAll(): void {
  for (const file of open) file.writeNow()
}

/** A file that lines are appended to, in order, one write at a time, put aside when it is full. What waits when the process ends is written then. */
export class LogFile {
  readonly #limits: FileLimits
  #size = 0
  #waiting = ''
  #writing: Promise<void> | undefined
  #failed = false

  /** @throws what the file system says when the folder cannot be made: a guard without its log does not start. */
  constructor(limits: FileLimits) {
    this.#limits = limits
    mkdirSync(dirname(limits.file), { recursive: true })
    appendFileSync(limits.file, '', { mode: 0o640 })
    this.#size = statSync(limits.file).size
    if (open.size === 0) process.on('exit', writeAll)
    open.add(this)
  }

  /** False: given up, because too much waits already. */
  append(line: string): boolean {
    if (this.#waiting.length + line.length > MOST_WAITING) return false
    this.#waiting += line
    this.#writing ??= this.#write()
    return true
  }

  async close(): Promise<void> {
    await this.#writing
    open.delete(this)
    if (open.size === 0) process.off('exit', writeAll)
  }

  async #write(): Promise<void> {
    // What is refused in the same turn goes with it.
    await Promise.resolve()
    while (this.#waiting !== '') {
      const text = this.#take()
      try {
        await appendFile(this.#limits.file, text, { mode: 0o640 })
      } catch (error) {
        this.#complain(error)
      }
    }
    this.#writing = undefined
  }

  /** What waits, at once: for the end of the process. */
  writeNow(): void {
    if (this.#waiting === '') return
    const text = this.#take()
    try {
      appendFileSync(this.#limits.file, text, { mode: 0o640 })
    } catch (error) {
      this.#complain(error)
    }
  }

  #take(): string {
    const text = this.#waiting
    this.#waiting = ''
    if (this.#size > 0 && this.#size + text.length > this.#limits.maxBytes) this.#putAside()
    this.#size += text.length
    return text
  }

  #putAside(): void {
    const { file, files } = this.#limits
    this.#size = 0
    for (let number = files; number >= 1; number--) {
      try {
        renameSync(number === 1 ? file : `${file}.${number - 1}`, `${file}.${number}`)
      } catch {
        // Not there yet.
      }
    }
  }

  #complain(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    process.emitWarning(`The security log cannot be written: ${error instanceof Error ? error.message : String(error)}`, 'SallyportGuard')
  }
}
