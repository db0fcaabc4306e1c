import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { System } from '@sallyport/core/systems'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Files by their path. */
export type Files = ReadonlyMap<string, string>

/** Larger files are left out: what is large has tests of its own. */
const LARGEST = 40_000

/** Golden files, `test/folders`: `=== path` or `--- path` before each file, `----` or `--- expect` behind the last; several cases after `####`. */
function goldenFolders(text: string): readonly Files[] {
  return text.split(/^#{3,4} .*$/m).map((section) => {
    const parts = (section.split(/^(?:----|--- expect)$/m)[0] ?? '').split(/^(?:===|---) (.*)\n/m).slice(1)
    const files = new Map<string, string>()
    for (let index = 0; index < parts.length; index += 2) files.set((parts[index] ?? '').trim(), parts[index + 1] ?? '')
    return files
  })
}

function filesBelow(folder: string): Files {
  const paths = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/node_modules|\/\.git\//.test(`${entry.parentPath}/`))
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(paths.map((path) => [path.slice(join(ROOT, folder).length + 1), readFileSync(path, 'utf8')]))
}

let found: readonly Files[] | undefined

/** Every folder that a test or an example of this repository is about. */
export function folders(): readonly Files[] {
  found ??= [
    ...[...filesBelow('packages/core/src/systems')].flatMap(([path, text]) => (/\/golden\//.test(path) ? goldenFolders(text) : [])),
    ...[...filesBelow('test/folders').values()].flatMap(goldenFolders),
    ...[...filesBelow('test/lab/nft-text')].map(([path, text]): Files => new Map([[path, text]])),
    ...readdirSync(join(ROOT, 'test/labelled'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => filesBelow(`test/labelled/${entry.name}`)),
    ...readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((example) => [filesBelow(`examples/${example.name}`)]),
  ].map((files) => new Map([...files].filter(([, text]) => text.length <= LARGEST)))
  return found
}

/** The files that a system reads, in a folder or on a machine. */
export function matchedBy(system: System, files: Files): readonly string[] {
  const onMachine = new Set(system.machine?.paths)
  return [...files]
    .filter(
      ([path, text]) =>
        onMachine.has(path) || system.reads.some((pattern) => pattern.path.test(path) && (pattern.contains?.test(text) ?? true)),
    )
    .map(([path]) => path)
}

/** The folders that have something for a system: what it reads, and what it may ask for. */
export function corpusOf(system: System): readonly Files[] {
  return folders().filter((files) => matchedBy(system, files).length > 0)
}

/** What a command of a real host printed; `name` is a file of `machine/`. */
export function machineText(name: string): string {
  return readFileSync(join(ROOT, 'test/fuzz/machine', name), 'utf8')
}

/** The texts of one kind in the golden files of the packet filter's readers. */
export function netfilterTexts(kind: RegExp): readonly string[] {
  return ['packages/core/src/systems/netfilter/golden', 'packages/core/src/reach/netfilter/golden']
    .flatMap((folder) => [...filesBelow(folder).values()].flatMap(goldenFolders))
    .flatMap((files) => [...files].flatMap(([name, text]) => (kind.test(name) && text.length <= LARGEST ? [text] : [])))
}

/** The words and signs of a format, rarest included, each once. */
export function tokensOf(texts: readonly string[]): readonly string[] {
  const tokens = new Set<string>()
  for (const text of texts) for (const [token] of text.matchAll(/[\w@$%.-]{1,32}|[^\w\s]{1,3}/g)) tokens.add(token)
  return [...tokens].slice(0, 5000)
}
