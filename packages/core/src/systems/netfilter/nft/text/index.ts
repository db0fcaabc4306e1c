import { Text } from '../../../../evidence/index.ts'
import type { NetfilterReading } from '../../reading.ts'
import { readNftObjects } from '../ruleset.ts'
import { Loading, type NftFiles } from './loading.ts'

export type { NftFiles } from './loading.ts'

/** What was read so far. With `needs` or `globs` it is not all: read again when they have been looked at. */
export interface NftTextReading extends NetfilterReading {
  readonly needs: readonly string[]
  readonly globs: readonly string[]
  /** The files that were included, by whatever file. */
  readonly included: readonly string[]
}

/** The longest file that is read, in UTF-16 code units: lists of addresses with a million lines are as long. */
const LONGEST = 16 << 20

const ALONE: NftFiles = { file: () => ({ kind: 'absent' }), glob: () => [], resolve: () => undefined }

/**
 * Reads nft's own language (nft(8)): files that `nft -f` loads, and what `nft list ruleset` prints. The tables are those that the file makes
 * of none. What is not understood within a rule stands there undecided; anything else that is not understood makes everything undecided, and
 * is a gap with its place.
 */
export function readNftText(text: Text, files: NftFiles = ALONE): NftTextReading {
  const loading = new Loading(files)
  if (text.content.length <= LONGEST) loading.load(text)
  else loading.problems.push({ what: `longer than ${LONGEST >> 20} MiB`, code: 'limit', origin: text.origin(0, 0) })
  const reading = readNftObjects(loading.tables.objects(), loading.tables.places, loading.problems)
  return { ...reading, needs: [...loading.needs], globs: [...loading.globs], included: [...loading.included] }
}
