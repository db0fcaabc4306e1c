import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { LINE_LENGTH } from '../step.ts'

/** So much of a log's end is read at first. */
const FIRST_BYTES = 4 * 1024 * 1024
const MOST_BYTES = 16 * 1024 * 1024

/** A file that grows: each call gives the lines that are new, also after it was put aside and begun again (logrotate(8)). */
export class Tail {
  readonly path: string
  #inode: number | undefined
  #offset = 0
  #rest = ''

  constructor(path: string) {
    this.path = path
  }

  /** @throws {NodeJS.ErrnoException} of a file that cannot be read, a FIFO or device among them; one that is not there has no lines. */
  lines(): readonly string[] {
    let descriptor: number
    try {
      // A FIFO or device by that name is not waited for.
      descriptor = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
    try {
      const stat = fstatSync(descriptor)
      if (!stat.isFile()) throw Object.assign(new Error(`${this.path} is no file`), { code: 'no file' })
      const isFirst = this.#inode === undefined
      if (stat.ino !== this.#inode || stat.size < this.#offset) {
        this.#offset = isFirst ? Math.max(0, stat.size - FIRST_BYTES) : 0
        this.#rest = ''
      }
      const isCut = isFirst && this.#offset > 0
      this.#inode = stat.ino
      const buffer = Buffer.alloc(Math.min(stat.size - this.#offset, MOST_BYTES))
      const read = readSync(descriptor, buffer, 0, buffer.length, this.#offset)
      this.#offset += read
      const lines = (this.#rest + buffer.toString('utf8', 0, read)).split('\n').map((line) => line.slice(0, LINE_LENGTH))
      this.#rest = lines.pop() ?? ''
      // The first of them is a part of a line.
      return isCut ? lines.slice(1) : lines
    } finally {
      closeSync(descriptor)
    }
  }
}
