import type { Difference } from './write.ts'

/** What a configuration means, each part under the name that a reader of the file would give it. */
export type Meaning = ReadonlyMap<string, string>

export function differencesOf(wanted: Meaning, there: Meaning): readonly Difference[] {
  return [...new Set([...wanted.keys(), ...there.keys()])].flatMap((what): readonly Difference[] => {
    const [ours, theirs] = [wanted.get(what), there.get(what)]
    if (ours === theirs) return []
    return [{ what, ...(ours === undefined ? {} : { wanted: ours }), ...(theirs === undefined ? {} : { there: theirs }) }]
  })
}
