import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

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
  for (const file of open) file.end()
}

/** A file that lines are appended to, in order, one write at a time, put aside when it is full. What waits when the process ends is written then. */
export class LogFile {
  readonly #limits: FileLimits
  #size = 0
  #waiting = ''
  #writing: Promise<void> | undefined
  #failed = false
  #lost = 0
  readonly #beforeEnd: () => void

  /** `beforeEnd`: called when the process ends, to append what is still to be said. @throws what the file system says when the folder cannot be made: a guard without its log does not start. */
  constructor(limits: FileLimits, beforeEnd: () => void = () => {}) {
    // Where it is now: the program may change its directory.
    const file = resolve(limits.file)
    this.#limits = { ...limits, file }
    this.#beforeEnd = beforeEnd
    mkdirSync(dirname(file), { recursive: true })
    appendFileSync(file, '', { mode: 0o640 })
    this.#size = statSync(file).size
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
        this.#failed = false
      } catch (error) {
        this.#complain(error, text)
      }
    }
    this.#writing = undefined
  }

  /** How many lines could not be written since it was asked. */
  takeLost(): number {
    const lost = this.#lost
    this.#lost = 0
    return lost
  }

  /** The process ends: what waits is written at once. */
  end(): void {
    this.#beforeEnd()
    if (this.#waiting === '') return
    const text = this.#take()
    try {
      appendFileSync(this.#limits.file, text, { mode: 0o640 })
    } catch (error) {
      this.#complain(error, text)
    }
  }

  #take(): string {
    const text = this.#waiting
    this.#waiting = ''
    if (this.#size > 0 && this.#size + text.length > this.#limits.maxBytes) this.#putAside(text.length)
    this.#size += text.length
    return text
  }

  #putAside(more: number): void {
    const { file, files, maxBytes } = this.#limits
    const found = statSync(file, { throwIfNoEntry: false })
    this.#size = found?.size ?? 0
    // Another process with the same file has put it aside already; or it is none, but a device or a pipe.
    if (found?.isFile() !== true || this.#size + more <= maxBytes) return
    this.#size = 0
    for (let number = files; number >= 1; number--) {
      try {
        renameSync(number === 1 ? file : `${file}.${number - 1}`, `${file}.${number}`)
      } catch {
        // Not there yet.
      }
    }
  }

  #complain(error: unknown, text: string): void {
    this.#lost += text.split('\n').length - 1
    if (this.#failed) return
    this.#failed = true
    process.emitWarning(`The security log cannot be written: ${error instanceof Error ? error.message : String(error)}`, 'SallyportGuard')
  }
}
