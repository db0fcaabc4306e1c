import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Capture, writeCapture } from '@sallyport/core/capture'
import { type Evidence, evidenceOf } from '@sallyport/core/evidence'
import { shellWord } from '@sallyport/core/systems'
import { whyUnwritten } from '../system-words.ts'
import { writeWhole } from '../change/write.ts'
import { EXIT } from '../exit.ts'
import { Failure } from '../failure.ts'
import { isFolder } from '../is-folder.ts'
import { progress } from '../report/progress.ts'
import { counted } from '../report/words.ts'

export interface CaptureOptions {
  readonly output?: string
  readonly force: boolean
}

/** `sallyport capture`: what this host shows of itself, in a file that can be looked at elsewhere, or later. */
export async function capture(options: CaptureOptions): Promise<number> {
  if (options.output !== undefined) refuseFolderAsOutput(options.output)
  const capturedAt = Date.now()
  const done = progress('looking at this machine')
  let evidence: readonly Evidence[]
  try {
    const { collectMachine } = await import('../collect/machine/index.ts')
    evidence = await collectMachine(capturedAt, process.env, undefined)
  } finally {
    done()
  }
  const seen: Capture = { host: evidence[0]?.host ?? hostname(), capturedAt, evidence }
  const text = writeCapture(seen)
  if (options.output === undefined) {
    process.stdout.write(text)
    return EXIT.clean
  }
  save(options.output, text, options.force)
  process.stdout.write(`wrote ${options.output}: ${summary(seen)}\n`)
  return EXIT.clean
}

/** Before anything is looked at: --force replaces a file, and no folder. */
function refuseFolderAsOutput(path: string): void {
  if (isFolder(path)) throw new Failure(`${path} is a folder`, `name a file: --output ${shellWord(join(path, `${hostname()}.jsonl`))}`)
}

/** For its owner only: it tells all doors of a host. */
function save(path: string, text: string, force: boolean): void {
  try {
    writeWhole(path, text, { replace: force, mode: 0o600 })
  } catch (error) {
    const there = (error as NodeJS.ErrnoException).code === 'EEXIST'
    throw new Failure(
      there ? `${path} is there already` : `${path} could not be written: ${whyUnwritten(error, path)}`,
      there ? 'name another file, or replace it with --force' : 'name a file where this user may write',
    )
  }
}

function summary({ evidence }: Capture): string {
  const sockets = evidenceOf(evidence, 'socket').length
  const rules = evidenceOf(evidence, 'netfilter')
    .flatMap(({ claim }) => claim.ruleset.tables.flatMap((table) => [...table.chains.values()]))
    .reduce((count, chain) => count + chain.rules.length, 0)
  const unseen = evidenceOf(evidence, 'gap').length
  return [counted(sockets, 'socket'), counted(rules, 'rule'), ...(unseen === 0 ? [] : [`${counted(unseen, 'thing')} not seen`])].join(', ')
}
