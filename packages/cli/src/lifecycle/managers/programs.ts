import { delimiter, dirname, join } from 'node:path'
import { isProgram, type Ran, run } from '../../collect/run.ts'

/** The variables by which programs find their own settings and daemons; `run` else gives a program none of the caller's. */
const PASSED = [
  'PATH',
  'HOME',
  'USER',
  'PM2_HOME',
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
  'XDG_RUNTIME_DIR',
]

/** Asks a program of the caller's for something; nothing is changed by it. */
export function ask(words: readonly string[]): Promise<Ran> {
  const [program = '', ...rest] = words
  const environment = Object.fromEntries(PASSED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
  // Programs of Node find the one that runs this.
  const path = [process.env['PATH'] ?? '', dirname(process.execPath)].filter((text) => text !== '').join(delimiter)
  return run(program, rest, { timeoutMs: ASK_MS, environment: { ...environment, PATH: path } })
}

const ASK_MS = 30_000

/** The program as the caller's shell would find it, else as `npx` would: in the folder's own packages, or those above it. */
export function findProgram(name: string, folder: string): string | undefined {
  const inPath = (process.env['PATH'] ?? '').split(delimiter).filter((path) => path.startsWith('/'))
  const above: string[] = []
  for (let at = folder; ; at = dirname(at)) {
    above.push(join(at, 'node_modules/.bin'))
    if (at === dirname(at)) break
  }
  return [...inPath, ...above].map((path) => join(path, name)).find(isProgram)
}
