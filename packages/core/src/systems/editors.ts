import type { Change } from '../evidence/index.ts'
import type { Editor } from './edit.ts'
import type { FilePattern, System } from './system.ts'

/** How a change is made where no system has a way of its own. */
const GENERAL: Readonly<Partial<Record<Change['change'], () => Promise<Editor>>>> = {
  value: async () => (await import('./literal.ts')).literalEditor,
  argument: async () => (await import('./programs/edit.ts')).argumentEditor,
  publish: async () => (await import('./container-run/edit.ts')).publishEditor,
  ignore: async () => (await import('./git/edit.ts')).gitEditor,
}

/** The editor for a change of a file with that text: of the first of the systems that read it. `undefined`: there is none. */
export async function editorFor(change: Change, text: string, systems: readonly System[]): Promise<Editor | undefined> {
  const path = 'at' in change ? change.at.path : undefined
  const system =
    path === undefined
      ? undefined
      : systems.find(({ edits, reads }) => edits?.changes.includes(change.change) === true && reads.some((each) => takes(each, path, text)))
  return system?.edits?.load() ?? GENERAL[change.change]?.()
}

function takes({ path: pattern, contains }: FilePattern, path: string, text: string): boolean {
  return pattern.test(path) && (contains === undefined || contains.test(text))
}
