import { spawn } from 'node:child_process'
import { show, showWords } from '@sallyport/core/evidence'
import type { Failure } from '../failure.ts'

/** One program that is run for the user: by its own words, never by a shell. */
export interface Step {
  readonly words: readonly string[]
  /** Absolute: where it is run. */
  readonly folder: string
  readonly timeoutMs: number
  /** Why it could only fail now; `undefined`: nothing speaks against it. Asked before it is run, and not where it is shown only. */
  readonly refusal?: () => Promise<Failure | undefined>
}

export type StepEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: number | undefined }
  | { readonly kind: 'missing' }
  | { readonly kind: 'timeout' }

/** As a person would type it. */
export function stepText({ words, folder }: Step, from: string): string {
  const text = showWords(words)
    .map((word) => (/^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(' ')
  return folder === from ? text : `(cd ${show(folder)} && ${text})`
}

/** setTimeout takes no more. */
const LONGEST_MS = 2 ** 31 - 1
/** A program whose pipes something else holds open has ended all the same. */
const PIPES_MS = 300

export type Stream = 'stdout' | 'stderr'

export interface Listener {
  /** Each line of its output, as it came: not yet fit to be shown. */
  readonly raw: (line: string, from: Stream) => void
  /** Ends it. */
  readonly signal?: AbortSignal
}

/** Runs it with the caller's own environment, as if it were typed. */
export function perform(step: Step, { raw, signal }: Listener): Promise<StepEnd> {
  return new Promise((done) => {
    const [program = '', ...words] = step.words
    const child = spawn(program, words, { cwd: step.folder, stdio: ['ignore', 'pipe', 'pipe'] })
    const parts = [eachLine(child.stdout, (line) => raw(line, 'stdout')), eachLine(child.stderr, (line) => raw(line, 'stderr'))]
    const end = (what: StepEnd): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      for (const finish of parts) finish()
      child.stdout.destroy()
      child.stderr.destroy()
      done(what)
    }
    const timer = setTimeout(
      () => {
        child.kill('SIGKILL')
        end({ kind: 'timeout' })
      },
      Math.min(step.timeoutMs, LONGEST_MS),
    )
    const abort = (): void => void child.kill('SIGTERM')
    signal?.addEventListener('abort', abort)
    if (signal?.aborted === true) abort()
    let code: number | null = null
    const over = (): void => end(code === 0 ? { kind: 'done' } : { kind: 'failed', code: code ?? undefined })
    child.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ENOENT' ? { kind: 'missing' } : { kind: 'failed', code: undefined }),
    )
    child.once('exit', (given) => {
      code = given
      setTimeout(over, PIPES_MS).unref()
    })
    child.once('close', over)
  })
}

/** The longest line that is kept whole. */
export const LINE_LENGTH = 16 * 1024

/** Calls `line` for each line that comes; the result gives what is left, without a line feed. */
function eachLine(stream: NodeJS.ReadableStream, line: (text: string) => void): () => void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const texts = (rest + chunk).split(/\r?\n/)
    rest = (texts.pop() ?? '').slice(0, LINE_LENGTH)
    for (const text of texts) line(text.slice(0, LINE_LENGTH))
  })
  stream.on('error', () => {})
  return () => {
    if (rest !== '') line(rest)
    rest = ''
  }
}
