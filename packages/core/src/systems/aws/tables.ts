import type { Difference } from '../write.ts'

/** What a text declares: things by their address, each with what is said of it. */
export type Tables = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Thing by thing and property by property; the order of either says nothing. Things that only the second has are told where `isOurs` says so. */
export function compareTables(wanted: Tables, there: Tables, isOurs: (address: string) => boolean): readonly Difference[] {
  const missing = [...wanted].flatMap(([address, properties]): readonly Difference[] => {
    const found = there.get(address)
    if (found === undefined) return [{ what: address, wanted: 'declared' }]
    return [...new Set([...properties.keys(), ...found.keys()])].flatMap((name) => {
      const [ours, theirs] = [properties.get(name), found.get(name)]
      if (ours === theirs) return []
      return [
        {
          what: `${address}: ${name}`,
          ...(ours === undefined ? {} : { wanted: ours }),
          ...(theirs === undefined ? {} : { there: theirs }),
        },
      ]
    })
  })
  const more = [...there.keys()].filter((address) => !wanted.has(address) && isOurs(address))
  return [...missing, ...more.map((address) => ({ what: address, there: 'declared' }))]
}
