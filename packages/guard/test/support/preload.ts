import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const BUILD = new URL('../../../../scripts/build-guard.mjs', import.meta.url).href

export interface Preload {
  readonly folder: string
  /** For `--import`, as it is written in NODE_OPTIONS. */
  readonly module: string
  /** For `--require`. */
  readonly script: string
}

/** The preload as it is shipped, built from the source as it is now. */
export function buildPreload(): Preload {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-preload-'))
  const dist = join(folder, 'dist')
  const code = `const { buildGuard } = await import(${JSON.stringify(BUILD)}); await buildGuard(${JSON.stringify(dist)})`
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'ignore', 'inherit'] })
  return { folder, module: pathToFileURL(join(dist, 'preload.js')).href, script: join(dist, 'preload.cjs') }
}
