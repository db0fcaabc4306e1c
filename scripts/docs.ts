// `npm run docs`: writes the pages that are made from the code. `--check` writes nothing and fails where a page is out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PAGES } from './docs/pages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const check = process.argv.includes('--check')
let stale = 0
for (const { path, text } of PAGES) {
  const file = join(root, path)
  const wanted = text()
  if (read(file) === wanted) continue
  stale++
  if (check) process.stderr.write(`${path} is out of date: run npm run docs\n`)
  else {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, wanted)
    process.stdout.write(`wrote ${path}\n`)
  }
}
if (check && stale > 0) process.exitCode = 1

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
