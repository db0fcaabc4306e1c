import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, it } from 'vitest'
import { requirements } from '../../../lab/index.ts'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
export const CLI = join(ROOT, 'packages/cli/dist/main.js')
export const PM2 = join(ROOT, 'node_modules/pm2/bin/pm2')
/** Debian's python3 has Debian's FastAPI, and comes before any other that a shell's PATH may name. */
export const PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** What the examples run with, beyond what the lab itself needs. */
const PARTS: readonly (readonly [what: string, remedy: string, there: () => Promise<boolean>])[] = [
  ['the built program', 'npm run build', async () => existsSync(CLI)],
  ['PM2', 'npm ci', async () => existsSync(PM2)],
  ['FastAPI and uvicorn', 'apt install python3-fastapi python3-uvicorn', () => runs('/usr/bin/python3', '-c', 'import fastapi, uvicorn')],
  ['openssl', 'apt install openssl', () => runs('/usr/bin/openssl', 'version')],
  ['curl', 'apt install curl', () => runs('/usr/bin/curl', '--version')],
]

async function runs(program: string, ...args: readonly string[]): Promise<boolean> {
  return promisify(execFile)(program, args, { timeout: 20_000 }).then(
    () => true,
    () => false,
  )
}

async function missing(): Promise<readonly string[]> {
  const lab = await requirements()
  const parts = await Promise.all(PARTS.map(async ([what, remedy, there]) => ((await there()) ? [] : [`${what} (${remedy})`])))
  return [...(lab.ok ? [] : lab.missing), ...parts.flat()]
}

/**
 * `describe` for tests that start an example for real. Where that cannot be done they are skipped with the reason printed; with
 * SALLYPORT_NO_SKIP=1 they fail instead.
 */
export async function describeExample(name: string, tests: () => void): Promise<void> {
  const absent = await missing()
  if (absent.length === 0) {
    describe(name, tests)
    return
  }
  const reason = `starting the examples needs ${absent.join(', ')}; \`sudo npm run lab:setup\` installs the lab's packages`
  if (process.env['SALLYPORT_NO_SKIP'] === '1') {
    describe(name, () => {
      it('can be started here', () => {
        throw new Error(reason)
      })
    })
    return
  }
  process.stderr.write(`skipped: ${name}: ${reason}\n`)
  describe.skip(name, tests)
}
