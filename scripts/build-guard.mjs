// Builds the guard: a module for each of its exports, with what they share in modules of its own (a request that one of them decided is known to all),
// and the preload whole in one file, as a module and as a script for `--require`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { ROOT } from './bootstrap.mjs'

const PACKAGE = join(ROOT, 'packages/guard')

/** @param {string} outdir */
export async function buildGuard(outdir) {
  const { exports } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'))
  const sources = Object.values(exports).flatMap(({ source }) => source ?? [])
  /** @type {import('esbuild').BuildOptions} */
  const common = {
    absWorkingDir: PACKAGE,
    outdir,
    outbase: 'src',
    bundle: true,
    platform: 'node',
    target: 'node20',
    conditions: ['source'],
    external: ['jose'],
    logLevel: 'warning',
  }
  await Promise.all([
    build({ ...common, entryPoints: sources, format: 'esm', splitting: true, chunkNames: 'shared/[name]-[hash]' }),
    build({ ...common, entryPoints: ['src/preload.ts'], format: 'esm' }),
    build({
      ...common,
      entryPoints: ['src/preload.ts'],
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      define: { 'import.meta.filename': '__filename' },
    }),
  ])
}
