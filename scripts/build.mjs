// Builds the guard, and the command line into packages/cli/dist: the program as one script, the code that V8 makes of it, and what starts it.
import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { ROOT, must } from './bootstrap.mjs'
import { buildGuard } from './build-guard.mjs'
import { PROGRAM, WRAPPER } from './bundle.mjs'

const finished = join(ROOT, 'packages/cli/dist')
// Beside the old one until it is whole: a build that fails takes nothing away.
const outdir = `${finished}.new`
rmSync(outdir, { recursive: true, force: true })
/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  // Node starts it sooner than a module; what a command loads on demand is a part of the script that runs when it is asked for.
  format: 'cjs',
  // A script that was compiled ahead may not import anything; `require` it may.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': '__filename', 'import.meta.dirname': '__dirname' },
  logLevel: 'warning',
}
await Promise.all([
  build({
    ...common,
    entryPoints: ['packages/cli/src/main.ts'],
    outfile: join(outdir, PROGRAM),
    conditions: ['source'],
    banner: { js: WRAPPER.banner },
    footer: { js: WRAPPER.footer },
    // Native, so it stays a package of its own.
    external: ['@ast-grep/napi', '@ast-grep/lang-python', '@ast-grep/lang-go'],
  }),
  build({ ...common, entryPoints: ['scripts/launch.mjs'], outfile: join(outdir, 'main.js') }),
])
writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n')
const guard = join(ROOT, 'packages/guard/dist')
rmSync(`${guard}.new`, { recursive: true, force: true })
await buildGuard(`${guard}.new`)
rmSync(guard, { recursive: true, force: true })
renameSync(`${guard}.new`, guard)
must('Checking the types of the guard', process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b', 'packages/guard'])
rmSync(finished, { recursive: true, force: true })
renameSync(outdir, finished)
// `npm ci` comes before the first build, and links no command that is not there yet: npx sallyport would not find it.
if (!existsSync(join(ROOT, 'node_modules/.bin/sallyport')))
  must('Linking the command', 'npm', ['rebuild', 'sallyport', '--ignore-scripts', '--silent'])
// A look at an example and this machine, and at one with a packet filter, use most of what any look uses. Without its code the program
// starts more slowly, and no worse.
const look = ['check', join(ROOT, 'examples/engines/right'), '--fail-on', 'never']
const warm = spawnSync(
  process.execPath,
  [join(ROOT, 'scripts/precompile.mjs'), finished, ...look, '--', ...look, '--evidence', join(ROOT, 'scripts/warm.jsonl')],
  { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' },
)
if (warm.status !== 0) process.stderr.write(`the program will start slowly, because it could not be run ahead:\n${warm.stderr}`)
