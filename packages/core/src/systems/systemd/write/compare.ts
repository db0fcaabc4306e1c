import { Text } from '../../../evidence/index.ts'
import { differencesOf, type Meaning } from '../../differences.ts'
import type { FileState } from '../../system.ts'
import type { Difference, WrittenFile } from '../../write.ts'
import { parseUnit } from '../unit.ts'
import { unitWords } from '../words.ts'

/** Settings whose lines add up; an empty one takes back those before it (systemd.unit(5)). Of every other the last counts. */
const LISTS: readonly string[] = ['Environment', 'SocketBindAllow', 'SocketBindDeny', 'IPAddressAllow', 'IPAddressDeny', 'ReadWritePaths']

/** Of variables, those that are compared: what others hold may be a secret. */
const VARIABLES: readonly string[] = ['HOST', 'PORT', 'CORS_ORIGINS']

/** In what each setting comes to. */
export function compareSystemd(wanted: readonly WrittenFile[], there: (path: string) => FileState): readonly Difference[] {
  return wanted.flatMap(({ path, text }): readonly Difference[] => {
    const state = there(path)
    if (state.kind !== 'text') return [{ what: path, wanted: 'a file' }]
    const ours = meaningOf(path, text)
    const theirs = [...meaningOf(path, state.text)].map(([what, value]) => [what, ours.has(what) ? value : 'is set'] as const)
    return differencesOf(ours, new Map(theirs))
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
    const compared = key === 'Environment' ? words.filter((word) => VARIABLES.includes(word.replace(/=.*$/s, ''))) : words
    lists.set(name, new Set([...before, ...compared]))
  }
  const meaning = new Map<string, string>(
    [...lists].map(([name, values]) => [`${name} of ${unit}`, [...values].toSorted().join(' ')] as const),
  )
  for (const { reason } of problems) meaning.set(`not understood in ${unit}: ${reason}`, 'there')
  return meaning
}
