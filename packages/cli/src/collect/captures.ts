import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { type Capture, readCapture } from '@sallyport/core/capture'
import { Failure, mistakeText } from '../failure.ts'
import { whyUnread } from '../system-words.ts'

/** Longer files are not captures: a host of 1,000 listeners and 10,000 rules has about 20 MB. */
const MAX_BYTES = 512 * 1024 * 1024

/** Reads one host's evidence from a file that `sallyport capture` wrote. Throws `Failure` with the place of what is wrong. */
export function readCaptureFile(path: string): Capture {
  const reading = readCapture(textOf(path))
  if (reading.kind === 'capture') return reading.capture
  const { line, column, message, hint } = reading.mistake
  throw new Failure(
    `${path} is not a capture that can be read`,
    hint,
    mistakeText({ place: `${path}:${line}:${column}`, message, hint: '' }),
  )
}

function textOf(path: string): string {
  const named = 'name a file that sallyport capture --output wrote'
  let file: number
  try {
    // What is no file (a FIFO) must not be waited for.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new Failure(isAbsent ? `there is no file ${path}` : `${path} could not be read: ${whyUnread(error)}`, named)
  }
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new Failure(`${path} is no file`, named)
    if (stat.size > MAX_BYTES) throw new Failure(`${path} is larger than ${MAX_BYTES / 1024 / 1024} MB`, named)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}
