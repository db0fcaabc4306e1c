// The program as one script, and the code that V8 has compiled of it. Used where the program is started and where it is built.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'

/** Both in one folder, made and replaced together: V8 itself tells one text from another by its length alone. */
export const PROGRAM = 'sallyport.cjs'
export const COMPILED = 'sallyport.compiled'

/** Around the program: loaded as a module it runs, as a script it gives the function that runs it. */
export const WRAPPER = {
  banner:
    '((run) => typeof module === "undefined" ? run : run(exports, require, module, __filename, __dirname))((exports, require, module, __filename, __dirname) => {',
  footer: '})',
}

/** The program of a folder, ready to run. `compiled`: what `createCachedData` gave; rejected by any other V8, and under other flags of it. */
export function program(folder, compiled) {
  const filename = join(folder, PROGRAM)
  // ASCII throughout: as latin1 V8 takes it where it lies, and copies nothing.
  const script = new Script(readFileSync(filename, 'latin1'), { filename, ...(compiled === undefined ? {} : { cachedData: compiled }) })
  const run = () => {
    const module = { exports: {} }
    script.runInThisContext()(module.exports, createRequire(filename), module, filename, dirname(filename))
  }
  return { script, run }
}
