import { around, type Node, nodeAt } from '../../tree.ts'
import { CLASSES } from '../source/syntax.ts'
import type { Evaluator } from './evaluator.ts'
import { superClass } from './instances.ts'

/** More files than this that name a class are not searched for those that extend it. */
const MAX_FILES = 200

const kept = new WeakMap<Evaluator, Map<Node, readonly Node[]>>()

/** The classes of the folder that extend this one directly. */
export function subclassesOf(of: Node, evaluator: Evaluator): readonly Node[] {
  let known = kept.get(evaluator)
  if (known === undefined) kept.set(evaluator, (known = new Map()))
  let found = known.get(of)
  if (found === undefined) {
    // While it is looked for, there are none.
    known.set(of, [])
    known.set(of, (found = evaluator.ask(new Map(), () => search(of, evaluator)).answer))
  }
  return found
}

function search(of: Node, evaluator: Evaluator): readonly Node[] {
  const { project } = evaluator
  const home = of.file.path
  const stem = (home.split('/').at(-1) ?? home).replace(/\..*$/, '')
  const name = of.field('name')?.content ?? stem
  const files = project.graph.entries(home).filter((path) => {
    const text = project.text(path)?.content ?? ''
    return EXTENDS.test(text) && (text.includes(name) || text.includes(stem))
  })
  return files.slice(0, MAX_FILES).flatMap((path) => {
    const module = project.module(path)
    return (module?.offsets('extends') ?? []).flatMap((at) => {
      const word = module === undefined ? undefined : nodeAt(module.root, at)
      const holder = word === undefined ? undefined : around(word, CLASSES)
      const base = holder === undefined || holder === of || word?.kind !== 'extends' ? undefined : superClass(holder)
      const meaning = base === undefined ? undefined : evaluator.meaning(base, undefined)
      return holder !== undefined && meaning?.kind === 'class' && meaning.node === of ? [holder] : []
    })
  })
}

const EXTENDS = /\bclass\b[^{}]{0,200}\bextends\b/
