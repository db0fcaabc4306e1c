import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
export const CLI = join(ROOT, 'packages/cli/dist/main.js')

/** The built program, started in the repository. */
export function sallyport(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 })
  return { status, stdout, stderr }
}

/** A folder with these files, for one file of tests; without any it is empty. Its name is too short to look like a secret, which errors would hide. */
export function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'sp-cli-'))
  made.push(path)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

const made: string[] = []
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true })
})

/** A deployment of the next two: three containers, and a policy that knows one that is not there. */
export const COMPOSE = `services:
  web: { image: example/web:1, ports: ["3000:3000"] }
  worker: { image: example/worker:1, expose: ["9100"] }
  db: { image: example/db:1, ports: ["127.0.0.1:15432:5432"] }
`
export const POLICY = `version: 1
name: shop
sources: { office: 198.51.100.0/24 }
services:
  web: { port: 3000, from: internet, domain: shop.example.com }
  ghost: { port: 4444, from: office }
  db: { port: 15432 }
`
