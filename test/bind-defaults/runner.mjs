// Runs inside a network namespace of its own: starts each command, waits until it listens, and writes what `ss` shows.
// Input: the path of a JSON file of starts; output: one JSON line for each. Whatever is left dies with the process namespace.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const { starts, cwd } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const WAIT = 20_000

spawnSync('ip', ['link', 'set', 'lo', 'up'])

function sockets(protocol) {
  const text = execFileSync('ss', ['-H', '-n', protocol === 'udp' ? '-lu' : '-lt'], { encoding: 'utf8' })
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().split(/\s+/)[3])
}

async function until(condition) {
  for (const end = Date.now() + WAIT; Date.now() < end; await sleep(40)) if (condition()) return true
  return false
}

for (const { key, command, protocol, environment } of starts) {
  const [program, ...words] = command
  const child = spawn(program, words, {
    cwd: command.includes('-e') ? process.cwd() : cwd,
    env: { ...process.env, ...environment },
    detached: true,
  })
  let output = ''
  let ended = false
  child.stderr.on('data', (chunk) => (output += chunk))
  child.stdout.on('data', (chunk) => (output += chunk))
  child.on('exit', () => (ended = true))
  child.on('error', (error) => ((output += error.message), (ended = true)))
  await until(() => ended || sockets(protocol).length > 0)
  // A second socket (the other family) follows the first at once.
  await sleep(150)
  const found = sockets(protocol)
  process.stdout.write(`${JSON.stringify({ key, sockets: found, output: found.length === 0 ? output.slice(-500) : '' })}\n`)
  if (child.pid !== undefined) {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
  await until(() => sockets(protocol).length === 0)
}
process.exit(0)
