// `node precompile.mjs FOLDER … [-- …]`: runs the program of a folder with the arguments, again with those behind `--`, and keeps what V8
// has compiled for it.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMPILED, program } from './bundle.mjs'

const [folder = '.', ...given] = process.argv.slice(2)
const ends = [...given.keys(), given.length].filter((index) => index === given.length || given[index] === '--')
const runs = ends.map((end, index) => given.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, end))
const { script, run } = program(folder)
process.on('exit', () => {
  const unfinished = join(folder, `${COMPILED}.${process.pid}`)
  writeFileSync(unfinished, script.createCachedData())
  renameSync(unfinished, join(folder, COMPILED))
})
function next() {
  const args = runs.shift()
  if (args === undefined) return
  process.argv.splice(1, Infinity, join(folder, 'main.js'), ...args)
  run()
}
process.on('beforeExit', next)
next()
