import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A test whose title begins with numbers of requirements: `E1, E2 · what it says`. */
export interface NumberedTest {
  readonly requirements: readonly string[]
  /** Behind the numbers, as the source has it. */
  readonly says: string
  /** Relative to the repository. */
  readonly file: string
}

const TITLE = /(['"`])([A-Z]\d{1,2}(?:, [A-Z]\d{1,2})*) · (.*?)\1\s*,/g

/** Every numbered test of the repository, by file and line. */
export function numberedTests(): readonly NumberedTest[] {
  const files = ['packages', 'test', 'lab', 'scripts'].flatMap((folder) => testFiles(folder))
  return files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(TITLE)].map(([, , numbers = '', says = '']) => ({
      requirements: numbers.split(', '),
      says,
      file,
    })),
  )
}

function testFiles(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : testFiles(path)
      return entry.name.endsWith('.test.ts') ? [path] : []
    })
}
