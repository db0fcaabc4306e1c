import type { Meaning } from './meaning.ts'

/** Names by which the platform's objects are known in other places. */
const SAME: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['#process.env', { kind: 'environment' }],
  ['node:process#env', { kind: 'environment' }],
  ['#import.meta.env', { kind: 'environment' }],
  ['#Bun.env', { kind: 'environment' }],
  ['bun#env', { kind: 'environment' }],
  ['#process.argv', { kind: 'arguments', first: 0 }],
  ['node:process#argv', { kind: 'arguments', first: 0 }],
])

/** What `library.name` is. */
export function libraryProperty(library: string, name: string): Meaning {
  if (name === 'default' || name === '__esModule') return { kind: 'library', name: library }
  if (library === '#globalThis' || library === '#global') return { kind: 'library', name: `#${name}` }
  const joined = library.includes('#') ? `${library}.${name}` : `${library}#${name}`
  return SAME.get(joined) ?? { kind: 'library', name: joined }
}
