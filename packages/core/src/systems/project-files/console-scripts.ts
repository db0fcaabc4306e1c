import type { Text } from '../../evidence/index.ts'
import { readData } from '../data/index.ts'
import { entriesOf, entry, textOf, type Tree } from '../yaml.ts'

/** The modules that a package gives a command of their own (packaging.python.org/en/latest/specifications/entry-points): `serve` → `app.cli:serve`. */
export function consoleScripts(text: Text): ReadonlyMap<string, string> {
  return text.path.endsWith('.toml') ? ofTables(text) : ofSetup(text.content)
}

function ofTables(text: Text): ReadonlyMap<string, string> {
  const root = readData(text, 'toml')
  const project = entry(root, 'project')
  const tables = [
    entry(project, 'scripts'),
    entry(entry(project, 'entry-points'), 'console_scripts'),
    entry(entry(entry(root, 'tool'), 'poetry'), 'scripts'),
  ]
  const targetOf = (value: Tree | undefined): string | undefined => {
    // Poetry: `serve = { reference = "app.cli:serve", type = "console" }`.
    const named = value?.kind === 'mapping' ? (entry(value, 'reference') ?? entry(value, 'callable')) : value
    return named === undefined ? undefined : textOf(named)
  }
  return new Map(
    tables.flatMap((table) =>
      [...entriesOf(table)].flatMap(([name, { value }]): readonly (readonly [string, string])[] => {
        const target = targetOf(value)
        return target === undefined ? [] : [[name, target]]
      }),
    ),
  )
}

/** A list of more than this is not read. In UTF-16 code units. */
const LIST = 20_000
const COMMAND = /(?:^|['"\n])[ \t]{0,40}([\w.-]{1,100})[ \t]{0,40}=[ \t]{0,40}([A-Za-z_][\w.]{0,200}:[A-Za-z_][\w.]{0,100})/g

/** `console_scripts` of setup.cfg, to the next section, and of setup.py, to the end of its list. */
function ofSetup(content: string): ReadonlyMap<string, string> {
  const at = content.indexOf('console_scripts')
  if (at < 0) return new Map()
  const [list = ''] = content.slice(at + 'console_scripts'.length, at + LIST).split(/\][ \t]*[,}\n)]|\n(?=\[)/, 1)
  return new Map([...list.matchAll(COMMAND)].map(([, name = '', target = '']) => [name, target] as const))
}
