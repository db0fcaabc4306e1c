// `node precompile.mjs FOLDER …`: runs the program of a folder with the arguments and keeps what V8 has compiled for it.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMPILED, program } from './bundle.mjs'

const [folder = '.', ...args] = process.argv.slice(2)
process.argv.splice(1, Infinity, join(folder, 'main.js'), ...args)
const { script, run } = program(folder)
process.on('exit', () => {
  const unfinished = join(folder, `${COMPILED}.${process.pid}`)
  writeFileSync(unfinished, script.createCachedData())
  renameSync(unfinished, join(folder, COMPILED))
})
run()
