import { show, Text } from '../../../evidence/index.ts'
import { differencesOf, type Meaning } from '../../differences.ts'
import type { FileState } from '../../system.ts'
import type { Difference, WrittenFile } from '../../write.ts'
import { parseUnit } from '../unit.ts'
import { unitWords } from '../words.ts'

/** Settings whose lines add up; an empty one takes back those before it (systemd.unit(5)). Of every other the last counts. */
const LISTS: readonly string[] = ['Environment', 'SocketBindAllow', 'SocketBindDeny', 'IPAddressAllow', 'IPAddressDeny', 'ReadWritePaths']

/** In what each setting comes to. */
export function compareSystemd(wanted: readonly WrittenFile[], there: (path: string) => FileState): readonly Difference[] {
  return wanted.flatMap(({ path, text }): readonly Difference[] => {
    const state = there(path)
    return state.kind === 'text' ? differencesOf(meaningOf(path, text), meaningOf(path, state.text)) : [{ what: path, wanted: 'a file' }]
  })
}

function meaningOf(path: string, content: string): Meaning {
  const unit = /([^/]+)\.d\/[^/]+$/.exec(path)?.[1] ?? path
  const lists = new Map<string, Set<string>>()
  const { settings, problems } = parseUnit(new Text(path, content))
  for (const { section, key, value } of settings) {
    const name = section === 'Service' ? key : `${section}: ${key}`
    const isList = LISTS.includes(key)
    const before = isList && value.content.trim() !== '' ? (lists.get(name) ?? []) : []
    const words = isList ? unitWords(value.content).map(({ text }) => text) : [value.content.trim().replace(/\s+/g, ' ')]
    lists.set(name, new Set([...before, ...words]))
  }
  const meaning = new Map<string, string>(
    [...lists].map(([name, values]) => [`${name} of ${unit}`, show([...values].toSorted().join(' '))] as const),
  )
  for (const { reason } of problems) meaning.set(`not understood in ${unit}: ${reason}`, show('there'))
  return meaning
}
