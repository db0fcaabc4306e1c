// What `npm start` and `npm test` need on a fresh clone: packages installed, the program built. Plain JavaScript, because nothing is installed yet.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
const OLDEST_NODE = [20, 19]

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  process.stderr.write(
    `sallyport needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}. Install a newer Node and run the command again.\n`,
  )
  process.exit(2)
}

/** Runs a command with its output on stderr, so that stdout stays the answer; ends this process when it fails. */
export function must(what, command, args) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] })
  if (result.status === 0) return
  process.stderr.write(`${what} failed: ${[command, ...args].join(' ')}${result.error ? ` (${result.error.message})` : ''}\n`)
  process.exit(2)
}

function newest(path) {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules' && entry.name !== 'dist')
    .reduce((latest, entry) => Math.max(latest, newest(join(path, entry.name))), stat.mtimeMs)
}

/** `npm ci` when the packages are absent or older than the lock file. */
export function install() {
  const installed = join(ROOT, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && newest(installed) >= newest(join(ROOT, 'package-lock.json'))) return
  process.stderr.write('Installing packages…\n')
  must('Installing', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

/** The servers that tests of the guard start: packages that nothing else needs. */
export function installTestServers() {
  const folder = join(ROOT, 'packages/guard/test/servers')
  const installed = join(folder, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && newest(installed) >= newest(join(folder, 'package-lock.json'))) return
  process.stderr.write('Installing the servers that tests start…\n')
  // Not `npm ci`, which asks that a lock names the optional packages of every platform: Next's are not all to be had everywhere.
  must('Installing', 'npm', ['install', '--no-save', '--no-workspaces', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error'])
}

/** Builds the program when it is absent or older than its source. */
export function build() {
  const built = ['packages/cli/dist/main.js', 'packages/guard/dist/index.js'].map((path) => newest(join(ROOT, path)))
  const packages = ['core', 'guard', 'cli'].flatMap((name) => [`packages/${name}/src`, `packages/${name}/package.json`])
  const sources = [...packages, 'scripts/build.mjs', 'scripts/build-guard.mjs'].map((path) => newest(join(ROOT, path)))
  if (Math.min(...built) >= Math.max(...sources)) return
  must('Building', process.execPath, ['scripts/build.mjs'])
}
