// Loaded before everything else by keys-killed.test.ts: ends the process with SIGKILL right before or right after the n-th write of any kind.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const at = Number(process.env.KILL_AT)
const isAfter = process.env.KILL_WHEN === 'after'
let count = 0
for (const name of [
  'openSync',
  'writeFileSync',
  'writeSync',
  'linkSync',
  'renameSync',
  'rmSync',
  'chmodSync',
  'chownSync',
  'fsyncSync',
  'closeSync',
]) {
  const original = fs[name]
  fs[name] = (...args) => {
    const mine = ++count === at
    // Half of a text, as a kill in the middle of a write leaves it.
    if (mine && !isAfter && name === 'writeFileSync') original(args[0], String(args[1]).slice(0, String(args[1]).length / 2), args[2])
    if (mine && !isAfter) process.kill(process.pid, 'SIGKILL')
    const result = original(...args)
    if (mine) process.kill(process.pid, 'SIGKILL')
    return result
  }
}
syncBuiltinESMExports()
