import type { FileOrigin, Text } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { entriesOf, entry, originOf, passageOfScalar, readYaml, textOf, type Tree } from '../yaml.ts'

export interface PackageScripts {
  /** The package's name. */
  readonly name: string | undefined
  readonly scripts: ReadonlyMap<string, Script>
  /** What npm hands to the scripts as `npm_package_config_…`. */
  readonly config: Tree | undefined
  readonly problems: readonly { readonly reason: string; readonly origin: FileOrigin }[]
  get(script: string): Script | undefined
}

export interface Script {
  readonly name: string
  readonly passage: Passage
  readonly origin: FileOrigin
}

const read = new WeakMap<Text, PackageScripts>()

/** The scripts of a package.json, each as a passage of it. */
export function packageScripts(text: Text): PackageScripts {
  const before = read.get(text)
  if (before !== undefined) return before
  // JSON is YAML (YAML 1.2.2 §1.3), whose reader keeps places and goes on behind damage.
  const { documents, problems } = readYaml(text)
  const [root] = documents
  const scripts = new Map<string, Script>()
  for (const [name, { value }] of entriesOf(entry(root, 'scripts'))) {
    if (value.kind === 'scalar' && value.type === 'string')
      scripts.set(name, { name, passage: passageOfScalar(value), origin: originOf(value) })
  }
  const result: PackageScripts = {
    name: textOf(entry(root, 'name')),
    scripts,
    config: entry(root, 'config'),
    problems,
    get: (script) => scripts.get(script),
  }
  read.set(text, result)
  return result
}

/** The script of a name, or those that a pattern takes: `*` is any part between colons, `**` any parts (npm-run-all). */
export function scriptsNamed(name: string, scripts: ReadonlyMap<string, Script>): readonly Script[] {
  const script = scripts.get(name)
  if (script !== undefined) return [script]
  // Few stars only: each more of them multiplies the ways to match.
  if (!name.includes('*') || name.length > 100 || name.split('*').length > 5) return []
  const source = name.replace(/\*\*|[^\w*]|\*/g, (piece) => (piece === '**' ? '.*' : piece === '*' ? '[^:]*' : `\\${piece}`))
  const pattern = new RegExp(`^${source}$`)
  return [...scripts.values()].filter((one) => one.name.length <= 100 && pattern.test(one.name))
}
