import { basesOf } from './classes.ts'
import type { Evaluator } from './evaluator.ts'
import type { Project } from './project.ts'
import type { Node } from '../tree.ts'
import { nameOf } from './syntax.ts'

/** Classes of one family that are looked at. */
const MOST = 16

const CLASS = /^[ \t]*class[ \t]+(\w+)[ \t]*\(([^)]{1,300})\)/gm

type Places = ReadonlyMap<string, readonly { readonly path: string; readonly name: string }[]>
const KNOWN = new WeakMap<Project, Places>()

/** Where classes are written that name another one as their base. */
function placesOf(project: Project): Places {
  const known = KNOWN.get(project)
  if (known !== undefined) return known
  const found = new Map<string, { path: string; name: string }[]>()
  for (const path of project.sources) {
    for (const [, name = '', bases = ''] of (project.text(path)?.content ?? '').matchAll(CLASS)) {
      for (const base of new Set(bases.match(/\w+(?=\s*(?:[,[]|$))/g) ?? [])) found.set(base, [...(found.get(base) ?? []), { path, name }])
    }
  }
  KNOWN.set(project, found)
  return found
}

/** The classes of the folder that are made from this one, directly or through others. */
export function heirsOf(evaluator: Evaluator, node: Node): readonly Node[] {
  const { project } = evaluator
  const places = placesOf(project)
  const found = new Set([node])
  for (const one of found) {
    for (const { path, name } of places.get(nameOf(one)) ?? []) {
      if (found.size > MOST) break
      for (const definition of project.module(path)?.definitions(name) ?? [])
        if (definition.kind === 'class' && basesOf(evaluator, definition.node).some((base) => base.kind === 'class' && base.node === one))
          found.add(definition.node)
    }
  }
  found.delete(node)
  return [...found]
}

const CALLED = new WeakMap<Project, ReadonlySet<string>>()

/** Whether the folder makes instances of the class itself, as far as its name tells. */
export function isMade({ project }: Evaluator, node: Node): boolean {
  let called = CALLED.get(project)
  if (called === undefined) {
    const contents = project.sources.map((path) => (project.text(path)?.content ?? '').replace(CLASS, ''))
    called = new Set(contents.flatMap((content) => [...content.matchAll(/\b([A-Z]\w*)\s*\(/g)].map(([, name = '']) => name)))
    CALLED.set(project, called)
  }
  return !/^[A-Z]/.test(nameOf(node)) || called.has(nameOf(node))
}
