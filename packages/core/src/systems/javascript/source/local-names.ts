import type { Module } from './module.ts'

const KEYWORDS: ReadonlySet<string> = new Set('import from const let var as require await default type typeof export return'.split(' '))

/** What stands before the name of a package that is loaded; any function may be one that loads. */
const LOADS = /(\bfrom|\bimport|\()\s{0,20}['"`]$/

/** The names that the file gives to a package and to what it takes of it; more than these does no harm. */
export function localNames(module: Module, specifier: string): readonly string[] {
  const { content } = module.file
  const found = new Set<string>()
  for (let at = content.indexOf(specifier); at >= 0; at = content.indexOf(specifier, at + specifier.length)) {
    const before = content.slice(Math.max(0, at - 500), at)
    const [, word] = LOADS.exec(before) ?? []
    if (word === undefined) continue
    const words = word === '(' ? ['const ', 'let ', 'var ', ';'] : ['import', 'export']
    const start = Math.max(...words.map((word) => before.lastIndexOf(word)))
    for (const [word] of before.slice(Math.max(0, start)).matchAll(/[A-Za-z_$][\w$]*/g)) if (!KEYWORDS.has(word)) found.add(word)
  }
  return [...found]
}
