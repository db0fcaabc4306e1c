import type { Definition } from './definitions.ts'
import type { Evaluator } from './evaluator.ts'
import { named as namedMapping } from './mappings.ts'
import type { Module } from './module.ts'
import type { Thing } from './thing.ts'

/** `from module import *`. */
export function fromStar(evaluator: Evaluator, name: string, module: Module): Thing | undefined {
  return evaluator.once(`${module.path} ${name}`, undefined, () => throughStar(evaluator, name, module))
}

function throughStar(evaluator: Evaluator, name: string, module: Module): Thing | undefined {
  for (const statement of module.root.named) {
    if (statement.kind !== 'import_from_statement' || !statement.named.some((child) => child.kind === 'wildcard_import')) continue
    const from = statement.field('module_name')?.content ?? ''
    const level = /^\.*/.exec(from)?.[0].length ?? 0
    const target = evaluator.project.resolve(module.path, from.slice(level), level)
    const inner = target?.kind === 'file' && target.path !== module.path ? evaluator.project.module(target.path) : undefined
    const definitions = inner?.exported(name) ?? []
    if (inner !== undefined && definitions.length > 0) return evaluator.defined(definitions, inner.root, undefined)
  }
  return undefined
}

/** What an import gives its name. */
export function imported(evaluator: Evaluator, { module, level, name, node }: Definition & { readonly kind: 'import' }): Thing {
  const from = node.file.path
  const external: Thing = { kind: 'external', name: name === undefined ? module : `${module}.${name}`, origin: node.origin }
  const target = evaluator.project.resolve(from, module, level)
  if (target === undefined || (target.kind === 'file' && target.path === from && name === undefined)) return external
  const owner: Thing = target.kind === 'file' ? { kind: 'module', path: target.path } : { kind: 'package', directory: target.path }
  return name === undefined ? owner : (moduleMember(evaluator, owner, name) ?? external)
}

/** `module.name`. */
export function moduleMember(
  evaluator: Evaluator,
  owner: Thing & { readonly kind: 'module' | 'package' },
  name: string,
): Thing | undefined {
  if (owner.kind === 'module') {
    const module = evaluator.project.module(owner.path)
    const definitions = module?.exported(name) ?? []
    const [first] = definitions
    if (module !== undefined && first !== undefined) {
      const place = module.occurrences(name)[0]
      const thing = evaluator.defined(definitions, module.root, undefined)
      return place === undefined ? thing : namedMapping(thing, place)
    }
    const star = module === undefined ? undefined : fromStar(evaluator, name, module)
    if (star !== undefined) return star
  }
  const from = owner.kind === 'module' ? owner.path : `${owner.directory}/__init__.py`
  const target = owner.kind === 'module' && !owner.path.endsWith('__init__.py') ? undefined : evaluator.project.resolve(from, name, 1)
  if (target === undefined) return undefined
  return target.kind === 'file' ? { kind: 'module', path: target.path } : { kind: 'package', directory: target.path }
}
