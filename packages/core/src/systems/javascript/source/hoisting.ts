import { entries, field, type Json, textField } from '../../json.ts'
import { nearest } from './configuration.ts'
import type { Project } from './project.ts'

/** Programs that move imports before all statements when they compile them, as the language has it (esbuild, Babel, swc, the bundlers). */
const HOISTING =
  /(?:^|[\s"'=/@[])(?:tsx|bun|deno|esno|esr|jiti|swc|swc-node|babel|babel-node|esbuild(?:-\w+)?|tsup|tsdown|unbuild|pkgroll|rollup|rspack|webpack|vite-node|ncc)(?=$|[\s"'/,\]])|\bvite\s{1,9}build\b[^&|;\n]{0,120}--ssr|(?<![\w-])node\b(?![^&|;\n]{0,120}ts-node)[^&|;\n]{0,120}\.ts\b/
/** Programs that compile them to `require` where they stand, if it is not a module of the language. */
const IN_PLACE = /\b(?:ts-node(?:-\w+)*|tsnd|nest)\b|\btsc\b(?![^&|;\n]{0,120}--noEmit)/

/** More of one file is not looked at. */
const MAX_LENGTH = 200_000

interface Ways {
  readonly hoisting: boolean
  readonly inPlace: boolean
}

/** By the manifest whose scripts name them; `undefined`: what the other files name in which commands stand. */
const kept = new WeakMap<Project, Map<Json | undefined, Ways>>()

/** Whether the modules that a file imports are run before any statement of it. `undefined`: by one way of running it, and not by another. */
export function hoistsImports(path: string, project: Project): boolean | undefined {
  // Node takes a file with such statements for a module of the language (nodejs.org/api/packages.html, Determining module system).
  if (/\.(?:m[jt]s|[cm]?jsx?)$/.test(path)) return true
  const manifest = nearest(project.configuration.manifests, path)
  if (manifest !== undefined && textField(manifest, 'type') === 'module' && !path.endsWith('.cts')) return true
  const ways = [waysOf(undefined, project), ...(manifest === undefined ? [] : [waysOf(manifest, project)])]
  const [hoisting, inPlace] = [ways.some((way) => way.hoisting), ways.some((way) => way.inPlace)]
  return hoisting === inPlace ? undefined : hoisting
}

function waysOf(manifest: Json | undefined, project: Project): Ways {
  let known = kept.get(project)
  if (known === undefined) kept.set(project, (known = new Map()))
  let ways = known.get(manifest)
  if (ways === undefined) {
    const scripts = entries(field(manifest, 'scripts')).flatMap(([, script]) => (typeof script === 'string' ? [script] : []))
    const commands = manifest === undefined ? [...project.startTexts.values()].map((text) => text.slice(0, MAX_LENGTH)) : scripts
    ways = { hoisting: commands.some((text) => HOISTING.test(text)), inPlace: commands.some((text) => IN_PLACE.test(text)) }
    known.set(manifest, ways)
  }
  return ways
}
