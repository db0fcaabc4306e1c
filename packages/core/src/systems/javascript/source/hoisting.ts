import { entries, field, textField } from '../../json.ts'
import { nearest } from './configuration.ts'
import type { Project } from './project.ts'

/** Programs that move imports before all statements when they compile them, as the language has it (esbuild, Babel, swc, the bundlers). */
const HOISTING =
  /(?:^|[\s"'=/@[])(?:tsx|bun|deno|esno|esr|jiti|swc|swc-node|babel|babel-node|esbuild(?:-\w+)?|tsup|tsdown|unbuild|pkgroll|rollup|rspack|webpack|vite-node|ncc)(?=$|[\s"'/,\]])|\bvite\s+build\b[^&|;\n]*--ssr|(?<![\w-])node\b(?![^&|;\n]*ts-node)[^&|;\n]*\.ts\b/
/** Programs that compile them to `require` where they stand, if it is not a module of the language. */
const IN_PLACE = /\b(?:ts-node(?:-\w+)*|tsnd|nest)\b|\btsc\b(?![^&|;\n]*--noEmit)/

const kept = new WeakMap<Project, Map<string, boolean | undefined>>()

/** Whether the modules that a file imports are run before any statement of it. `undefined`: by one way of running it, and not by another. */
export function hoistsImports(path: string, project: Project): boolean | undefined {
  let known = kept.get(project)
  if (known === undefined) kept.set(project, (known = new Map()))
  if (!known.has(path)) known.set(path, find(path, project))
  return known.get(path)
}

function find(path: string, project: Project): boolean | undefined {
  // Node takes a file with such statements for a module of the language (nodejs.org/api/packages.html, Determining module system).
  if (/\.(?:m[jt]s|[cm]?jsx?)$/.test(path)) return true
  const manifest = nearest(project.configuration.manifests, path)
  if (manifest !== undefined && textField(manifest, 'type') === 'module' && !path.endsWith('.cts')) return true
  const scripts = entries(field(manifest, 'scripts')).flatMap(([, script]) => (typeof script === 'string' ? [script] : []))
  const commands = [...scripts, ...project.startTexts.values()]
  const [hoisting, inPlace] = [HOISTING, IN_PLACE].map((pattern) => commands.some((command) => pattern.test(command)))
  return hoisting === inPlace ? undefined : hoisting
}
