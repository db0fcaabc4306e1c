import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * A script of bench/ as JavaScript, with what it uses of this repository in it: measured as it is shipped. What compiles TypeScript on the way adds
 * work of its own to every closure. Gives the path of the file.
 */
export async function bundled(script: string): Promise<string> {
  const outfile = join(root, '.cache/bench', script.replace(/\.ts$/, '.mjs'))
  await build({
    entryPoints: [join(root, 'bench', script)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['source'],
    packages: 'external',
    // With `sideEffects: false` a module that is also loaded on demand is never begun where it is imported at once.
    ignoreAnnotations: true,
    alias: Object.fromEntries(
      ['core/network', 'core/evidence', 'core/policy', 'core/systems', 'core/reach', 'core/audit', 'guard'].map((name) => {
        const [folder = '', part] = name.split('/')
        return [`@sallyport/${name}`, join(root, 'packages', folder, 'src', part ?? '', 'index.ts')]
      }),
    ),
  })
  return outfile
}
