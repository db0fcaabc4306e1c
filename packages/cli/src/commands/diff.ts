import type { Capture } from '@sallyport/core/capture'
import { buildHost, compareReach, computeReach, type Difference, type HostModel } from '@sallyport/core/reach'
import { readCaptureFile } from '../collect/captures.ts'
import { EXIT } from '../exit.ts'
import { Failure } from '../failure.ts'

export interface DiffOptions {
  readonly format: 'text' | 'json'
}

/** One of the two looks that are compared. */
export interface Look {
  readonly path: string
  readonly capture: Capture
  readonly host: HostModel
}

/** `sallyport diff BEFORE AFTER`: which packets arrive in one and not in the other. Exit 1 where something is newly open, or may be. */
export async function diff(before: string, after: string, options: DiffOptions): Promise<number> {
  const looks = [lookAt(before), lookAt(after)] as const
  const [old, now] = looks
  const differences = compareReach(computeReach(old.host, 'unknown'), computeReach(now.host, 'unknown'))
  if (options.format === 'json') {
    const { diffData } = await import('../report/diff-data.ts')
    process.stdout.write(`${JSON.stringify(diffData(looks, differences), null, 2)}\n`)
  } else {
    const { diffText } = await import('../report/diff.ts')
    process.stdout.write(diffText(looks, differences))
  }
  return differences.some(isOpening) ? EXIT.findings : EXIT.clean
}

const RANK = { closed: 0, maybe: 1, open: 2 }

export function isOpening({ was, is }: Difference): boolean {
  return RANK[is] > RANK[was]
}

function lookAt(path: string): Look {
  const capture = readCaptureFile(path)
  const host = buildHost(capture.evidence)
  if (host === undefined) throw new Failure(`${path} holds nothing of a running machine`, 'capture it again, on Linux')
  return { path, capture, host }
}
