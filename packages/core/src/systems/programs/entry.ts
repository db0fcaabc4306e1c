import { allOf, lastOf, type Parsed } from './options.ts'
import { inFolder, moduleFile, present, scriptFile } from './place.ts'
import type { Program } from './row.ts'
import { type State, variable } from './state.ts'
import { isLiteral } from './template.ts'

/** The file of the folder that a program of the table runs. */
export function entryOf(row: Program, { given, positionals }: Parsed, state: State): string | undefined {
  if (row.positional === 'script') {
    const [script] = positionals
    return script !== undefined && isLiteral(script.text) ? scriptFile(state.place, script.text) : undefined
  }
  const named = lastOf(given, 'application')?.value ?? (row.positional === 'application' ? positionals[0] : undefined)
  const text = named?.text ?? (row.applicationVariable === undefined ? undefined : variable(state, row.applicationVariable))
  if (text === undefined) return present(state.place, row.applications ?? [])[0]
  if (!isLiteral(text)) return undefined
  const file = text.replace(/:.*$/s, '')
  if (file.endsWith('.py')) return inFolder(state.place, file)
  if (file.includes('/'))
    return present(
      state.place,
      (row.applications ?? []).map((name) => `${file.replace(/\/$/, '')}/${name}`),
    )[0]
  const roots = [...allOf(given, 'module-path').map((path) => path.text), ...searchPath(state), '']
  return moduleFile(state.place, text, [...new Set([...roots, 'src'])].filter(isLiteral), state.place.paths === undefined)
}

/** The directories of PYTHONPATH. */
function searchPath(state: State): readonly string[] {
  return (variable(state, 'PYTHONPATH') ?? '').split(':').filter((path) => path !== '')
}
