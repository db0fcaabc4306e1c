import { differencesOf, type Meaning } from '../differences.ts'
import type { FileState } from '../system.ts'
import type { Difference, WrittenFile } from '../write.ts'
import { readConfiguration } from './read.ts'

/** Setting by setting: of a name that stands twice in a section the last counts. */
export function compareFail2ban(wanted: readonly WrittenFile[], there: (path: string) => FileState): readonly Difference[] {
  return wanted.flatMap(({ path, text }): readonly Difference[] => {
    const state = there(path)
    return state.kind === 'text' ? differencesOf(meaningOf(path, text), meaningOf(path, state.text)) : [{ what: path, wanted: 'a file' }]
  })
}

function meaningOf(path: string, text: string): Meaning {
  const file = /([^/]+)\.\w+$/.exec(path)?.[1] ?? path
  return new Map(
    [...readConfiguration(text)].flatMap(([section, settings]) =>
      [...settings].map(
        ([name, value]) => [`${name} of ${section === 'Definition' ? `filter ${file}` : `jail ${section}`}`, value] as const,
      ),
    ),
  )
}
