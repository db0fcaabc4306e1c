import { CommanderError } from 'commander'
import { EXIT } from './exit.ts'
import { Failure, showLines } from './failure.ts'
import { program } from './program/index.ts'

/** An answer that is not whole is none. Whoever reads a part only (`| head`) has closed the pipe and needs no word. */
function unwritten(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE')
    process.stderr.write(new Failure(`the answer could not be written: ${error.message}`, 'make room for it, or write it elsewhere').text)
  process.exit(EXIT.failed)
}

async function main(): Promise<void> {
  process.stdout.once('error', unwritten)
  process.stderr.once('error', () => process.exit(EXIT.failed))
  try {
    await program().parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.clean : EXIT.failed
      return
    }
    process.exitCode = EXIT.failed
    process.stderr.write((error instanceof Failure ? error : (refused(error) ?? internal(error))).text)
    if (process.env['SALLYPORT_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${showLines(error.stack ?? '')}\n`)
  }
}

/** The system's own refusals, of a folder that this user may not look into. */
function refused(error: unknown): Failure | undefined {
  const { code, message, path } = error as NodeJS.ErrnoException
  const isRefusal = code === 'EACCES' || code === 'EPERM'
  return isRefusal
    ? new Failure(path === undefined ? message : `this user may not look at ${path}`, 'run it as a user who may, or name another folder')
    : undefined
}

/** A mistake of ours: its stack is for the report of it, not for the user's screen. */
function internal(error: unknown): Failure {
  return new Failure(
    `internal error: ${error instanceof Error ? error.message : String(error)}`,
    'please report it, with the output of the same command under SALLYPORT_DEBUG=1',
  )
}

void main()
