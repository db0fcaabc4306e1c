import { WRITABLE, type WrittenFile } from '@sallyport/core/systems'
import { readFileState } from '../../collect/files.ts'
import type { Part } from './plan.ts'

/** The line that files of Sallyport's have. */
const OURS = 'Made by sallyport render'

/** What is written on confirmation, and what a file says otherwise that is not: the next `pm2 start` of it would undo the change. */
export async function ecosystem(
  files: readonly WrittenFile[],
  parts: readonly Part[],
): Promise<{ readonly lasting: readonly WrittenFile[]; readonly contrary: readonly string[] }> {
  const stateOf = (path: string) => readFileState(path.slice(1), { path: '/', chroot: false })
  const own = files.filter(({ path }) => {
    const state = stateOf(path)
    return state.kind === 'absent' || (state.kind === 'text' && state.text.includes(OURS))
  })
  const others = files.filter((file) => !own.includes(file))
  return {
    // What starts the apps a person knows, and the policy does not: what is guessed of it is not written.
    lasting: parts.some(({ app }) => app.isGuessed) ? [] : own,
    contrary: others.length === 0 ? [] : await differences(others, stateOf),
  }
}

async function differences(files: readonly WrittenFile[], stateOf: (path: string) => ReturnType<typeof readFileState>) {
  const [writer, { compareFilters }, { sourceTools }] = await Promise.all([
    WRITABLE.find(({ name }) => name === 'pm2')?.load(),
    import('@sallyport/core/reach'),
    import('../../collect/source.ts'),
  ])
  const found = writer?.compare(files, stateOf, { filters: compareFilters, tools: sourceTools }) ?? []
  return found.map(({ what, wanted, there }) => `${what}: ${there ?? 'nothing'}, and the policy ${wanted ?? 'nothing'}`)
}
