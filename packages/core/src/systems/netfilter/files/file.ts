import type { Evidence, Gap, Text } from '../../../evidence/index.ts'
import { type Context, evidenceIn } from '../../system.ts'
import type { NetfilterGap } from '../reading.ts'

/** Whether a file is one of the machine itself, or of a folder that may be meant for any. */
export function onMachine(path: string): boolean {
  return path.startsWith('/')
}

/** What is not understood of a file of the machine may load anything; of a folder it changes no verdict. Each has its place in a file. */
export function gapOfFile({ gap, origin }: NetfilterGap, text: Text, context: Context): Evidence<Gap> {
  const affects: Gap['affects'] = onMachine(text.path) ? gap.affects : { kind: 'nothing' }
  return evidenceIn(context, { ...gap, affects }, origin.kind === 'file' ? origin : text.origin(0, 0))
}
