import { Text } from '../../../evidence/index.ts'
import type { Comparing, Difference, WrittenFile } from '../../write.ts'
import type { FileState } from '../../system.ts'
import type { NetfilterReading } from '../reading.ts'

/** What the rules of files of packet filters let through, against those that are there; what cannot be read is a difference as well. */
export function compareFiles(
  wanted: readonly WrittenFile[],
  there: (path: string) => FileState,
  comparing: Comparing,
  read: (text: Text) => NetfilterReading,
): readonly Difference[] {
  return ofHosts(wanted, ({ path, text }) => {
    const state = there(path)
    if (state.kind !== 'text') return [{ what: path, wanted: 'a file', ...(state.kind === 'absent' ? {} : { there: state.kind }) }]
    const found = read(new Text(path, state.text))
    const gaps = found.gaps.map(({ gap, origin }): Difference => {
      const at = origin.kind === 'file' ? `:${origin.span.start.line}:${origin.span.start.column}` : ''
      return { what: `${path}${at}`, wanted: 'rules that can be read', there: gap.what }
    })
    return [...gaps, ...comparing.filters([read(new Text(path, text)).ruleset], [found.ruleset])]
  })
}

/** The differences of files one by one, with the host before them where there are several. */
export function ofHosts(wanted: readonly WrittenFile[], compare: (file: WrittenFile) => readonly Difference[]): readonly Difference[] {
  const isSeveral = new Set(wanted.map(({ host }) => host)).size > 1
  return wanted.flatMap((file) =>
    compare(file).map((each) => (isSeveral && file.host !== undefined ? { ...each, what: `${file.host}: ${each.what}` } : each)),
  )
}
