import type { Definition } from './definitions.ts'
import type { Evaluator } from './evaluator.ts'
import { named as namedMapping } from './mappings.ts'
import { exportedThing } from './stars.ts'
import type { Thing } from './thing.ts'

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
    const thing = module === undefined ? undefined : exportedThing(evaluator, module, name)
    if (module !== undefined && thing !== undefined) {
      const place = module.exported(name).length === 0 ? undefined : module.occurrences(name)[0]
      return place === undefined ? thing : namedMapping(thing, place)
    }
  }
  const from = owner.kind === 'module' ? owner.path : `${owner.directory}/__init__.py`
  const target = owner.kind === 'module' && !owner.path.endsWith('__init__.py') ? undefined : evaluator.project.resolve(from, name, 1)
  if (target === undefined) return undefined
  return target.kind === 'file' ? { kind: 'module', path: target.path } : { kind: 'package', directory: target.path }
}
