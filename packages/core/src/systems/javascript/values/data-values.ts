import { type DataFormat, scalarValue, type Tree } from '../../data/index.ts'
import { originOf } from '../../yaml.ts'
import { type Meaning, NOTHING, unknownMeaning, valueMeaning } from './meaning.ts'
import type { Evaluator } from './evaluator.ts'
import type { FileOrigin } from '../../../evidence/index.ts'

/** What a configuration file says, as a program that reads it has it. */
export function treeMeaning(tree: Tree): Meaning {
  const value = scalarValue(tree)
  return value === undefined ? { kind: 'data', tree } : valueMeaning(value)
}

/** The whole of a configuration file of the folder. */
export function fileMeaning(path: string, format: DataFormat | undefined, at: FileOrigin, evaluator: Evaluator): Meaning {
  const tree = evaluator.project.data(path, format)
  return tree === undefined ? unknownMeaning(`${path} could not be read`, at) : treeMeaning(tree)
}

/** `data.name`, `data[0]`. */
export function dataProperty(tree: Tree, name: string): Meaning {
  if (tree.kind === 'mapping') {
    const entry = tree.entries.get(name)
    if (entry !== undefined) return treeMeaning(entry.value)
    return name === 'default' ? { kind: 'data', tree } : NOTHING
  }
  if (tree.kind === 'scalar') return NOTHING
  if (name === 'length') return valueMeaning({ kind: 'known', value: tree.items.length, origin: originOf(tree) })
  const item = tree.items[Number(name)]
  return item === undefined ? NOTHING : treeMeaning(item)
}

export const dataNames = (tree: Tree): readonly string[] => (tree.kind === 'mapping' ? [...tree.entries.keys()] : [])
