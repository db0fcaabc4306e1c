import type { FileOrigin } from '../../evidence/index.ts'
import { dataFormat, scalarValue, type Tree } from '../data/index.ts'
import type { CallArguments } from './call-arguments.ts'
import type { Evaluator } from './evaluator.ts'
import { NONE, type Thing, unknown, valueThing } from './thing.ts'

/** What a configuration file says, as a program that reads it has it. */
export function treeThing(tree: Tree): Thing {
  const value = scalarValue(tree)
  return value === undefined ? { kind: 'data', tree } : valueThing(value)
}

export const hasItem = (tree: Tree, key: string): boolean => tree.kind === 'mapping' && tree.entries.has(key)

/** `data["server"]`, `data[0]`. */
export function dataItem(tree: Tree, key: string | number, origin: FileOrigin): Thing {
  const found = tree.kind === 'mapping' ? entryOf(tree, String(key)) : tree.kind === 'list' ? tree.items.at(Number(key)) : undefined
  return found === undefined ? unknown(`there is no \`${key}\` in ${tree.text.path}`, origin) : treeThing(found)
}

/** The options of an INI file are in lower case, whatever they are asked for as. */
function entryOf(tree: Extract<Tree, { readonly kind: 'mapping' }>, key: string): Tree | undefined {
  const name = tree.entries.has(key) || dataFormat(tree.text.path) !== 'ini' ? key : key.toLowerCase()
  return tree.entries.get(name)?.value
}

/** Methods of tables, and of configparser's sections, by which of their arguments names the entry and what is used without one. */
const GETTERS = /^(?:get|getint|getfloat|getboolean|pop|setdefault)$/

/** `data.get("host", "127.0.0.1")`, `config.getint("server", "port", fallback=8000)`. */
export function dataMethod(evaluator: Evaluator, tree: Tree, name: string, given: CallArguments, origin: FileOrigin): Thing | undefined {
  if (tree.kind !== 'mapping') return undefined
  if (name === 'copy') return { kind: 'data', tree }
  if (!GETTERS.test(name)) return undefined
  const [first, second] = given.positional
  const key = first === undefined ? undefined : evaluator.text(evaluator.evaluate(first))
  if (key === undefined) return unknown('which entry is meant is decided when the program runs', origin)
  const section = tree.entries.get(key)?.value
  const isSection =
    second !== undefined && (section?.kind === 'mapping' || given.keywords.has('fallback') || name !== 'get') && tree.kind === 'mapping'
  const option = isSection ? evaluator.text(evaluator.evaluate(second)) : undefined
  const fallback = given.keywords.get('fallback') ?? given.keywords.get('default') ?? (isSection ? undefined : second)
  const found = option === undefined ? section : section?.kind === 'mapping' ? section.entries.get(option.toLowerCase())?.value : undefined
  if (found !== undefined) return treeThing(found)
  return fallback === undefined ? NONE : evaluator.evaluate(fallback)
}
