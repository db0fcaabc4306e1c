#!/usr/bin/env node
// Becomes packages/cli/dist/main.js: starts the program from the code that was compiled when it was built, which is half of its start.
import { readFileSync } from 'node:fs'
import * as modules from 'node:module'
import { join } from 'node:path'
import { COMPILED, PROGRAM, program } from './bundle.mjs'

// All is said by then: to end here spares the time that taking V8's heap apart would need.
process.once('beforeExit', () => process.exit())

const folder = import.meta.dirname

function compiled() {
  try {
    return readFileSync(join(folder, COMPILED))
  } catch {
    return undefined
  }
}

const code = compiled()
const made = code === undefined ? undefined : program(folder, code)
if (made?.script.cachedDataRejected === false) made.run()
else {
  // Another version of Node than the one that built it. From 22.1 on Node keeps compiled code itself; in this very folder, because
  // in the one that it would choose, below /tmp, another user could lay code for us to run.
  modules.enableCompileCache?.(join(folder, 'cache'))
  modules.createRequire(import.meta.url)(`./${PROGRAM}`)
}
