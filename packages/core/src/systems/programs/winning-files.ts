import type { FileOrigin, Value } from '../../evidence/index.ts'
import { readData } from '../data/index.ts'
import { readEnvironmentFile } from '../dotenv/values.ts'
import { entriesOf, entry, originOf, textOf, type Tree } from '../yaml.ts'
import type { Given } from './options.ts'
import { configurationFile, fileNamed } from './place.ts'
import { type State, variables, withNeededFile, withUnseen, withVariable } from './state.ts'
import { isLiteral, type Template } from './template.ts'
import type { Wrapper } from './wrappers.ts'

/** Files in which env-cmd looks for environments (env-cmd 10 and 11, dist/get-env-vars.js). */
const PROFILES = ['.env-cmdrc', '.env-cmdrc.js', '.env-cmdrc.cjs', '.env-cmdrc.mjs', '.env-cmdrc.json']

type Assigned = readonly (readonly [name: string, value: Value, origin: FileOrigin])[]

/** Whether what a wrapper's files set holds over what is set already. */
export function filesWin(wrapper: Wrapper, given: readonly Given[]): boolean {
  const last = given.findLast(({ role }) => role === 'files-win' || role === 'files-yield')
  return last === undefined ? wrapper.filesWin === true : last.role === 'files-win'
}

/** Variables of files that win, each over those before it. Of a file that is not there nothing more is known than of others. */
export function withWinningFiles(state: State, files: readonly Template[]): State {
  return files.reduce((before, { text, origin }) => {
    const path = fileNamed(before.place, text)
    if (path === undefined) return withUnseen(before, { how: 'in a file that is not known', origin })
    if (before.place.paths?.has(path) !== true) return withNeededFile(before, text, origin)
    return withAll(before, variablesIn(path, before), origin)
  }, state)
}

/** Environments that are named of a file that has several: of a variable that two of them set the last counts. */
export function withProfiles(state: State, names: Template, file: Template | undefined, isWinning: boolean): State {
  const path = configurationFile(state.place, file?.text, PROFILES)
  const root = path === undefined || !isLiteral(names.text) ? undefined : dataIn(path, state)
  if (root === undefined) return withUnseen(state, { how: 'in a file that is not followed', origin: names.origin })
  const found = names.text.split(',').flatMap((name) => assignedIn(entry(root, name)))
  const set = variables(state)
  return withAll(state, isWinning ? found : found.filter(([name]) => !set.has(name)), names.origin)
}

function withAll(state: State, found: Assigned | undefined, origin: FileOrigin): State {
  if (found === undefined) return withUnseen(state, { how: 'in a file that is not followed', origin })
  return found.reduce((before, [name, value, at]) => withVariable(before, name, value, at), state)
}

function variablesIn(path: string, state: State): Assigned | undefined {
  if (/\.[cm]?js(?:on)?$/.test(path)) {
    const root = dataIn(path, state)
    return root === undefined ? undefined : assignedIn(root)
  }
  const text = state.place.text?.(path)
  if (text === undefined) return undefined
  return [...readEnvironmentFile(text, 'node').variables].map(([name, { value, origin }]) => [name, value, origin])
}

/** Code is not run to see what it exports. */
function dataIn(path: string, { place }: State): Tree | undefined {
  const text = /\.[cm]?js$/.test(path) ? undefined : place.text?.(path)
  return text === undefined ? undefined : readData(text, 'json')
}

const assignedIn = (tree: Tree | undefined): Assigned =>
  [...entriesOf(tree)].flatMap(([name, { value }]) => {
    const text = textOf(value)
    const origin = originOf(value)
    return text === undefined ? [] : [[name, { kind: 'known', value: text, origin }, origin] as const]
  })
