// Bundles the command line into packages/cli/dist: one small entry, and a chunk for whatever a command loads on demand.
import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { ROOT } from './bootstrap.mjs'

const finished = join(ROOT, 'packages/cli/dist')
// Beside the old one until it is whole: a build that fails takes nothing away.
const outdir = `${finished}.new`
rmSync(outdir, { recursive: true, force: true })
await build({
  absWorkingDir: ROOT,
  entryPoints: { main: 'packages/cli/src/main.ts' },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  conditions: ['source'],
  // Native, so it stays a package of its own.
  external: ['@ast-grep/napi', '@ast-grep/lang-python'],
  // Some bundled packages are CommonJS and call require for Node's own modules.
  banner: { js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);" },
  logLevel: 'warning',
})
rmSync(finished, { recursive: true, force: true })
renameSync(outdir, finished)
