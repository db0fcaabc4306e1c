// The program as one script, and the code that V8 has compiled of it. Used where the program is started and where it is built.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'

/** Both in one folder, made and replaced together: V8 itself tells one text from another by its length alone. */
export const PROGRAM = 'sallyport.cjs'
export const COMPILED = 'sallyport.compiled'

/** The program of a folder, ready to run. `compiled`: what `createCachedData` gave; rejected by any other V8, and under other flags of it. */
export function program(folder, compiled) {
  const filename = join(folder, PROGRAM)
  // ASCII throughout, which latin1 reads fastest.
  const text = readFileSync(filename, 'latin1')
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename,
    ...(compiled === undefined ? {} : { cachedData: compiled }),
  })
  const run = () => {
    const module = { exports: {} }
    script.runInThisContext()(module.exports, createRequire(filename), module, filename, dirname(filename))
  }
  return { script, run }
}
