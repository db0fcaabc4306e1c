import type { Text, Value } from '../../evidence/index.ts'
import type { Starts } from '../starts/index.ts'
import { entry, itemsOf, originOf, readYaml, textOf, type Tree } from '../yaml.ts'

/** Objects of one file that are looked at. */
const MOST_OBJECTS = 5000
const HELM = /\{\{/

export interface KubernetesObject {
  readonly tree: Tree
  /** Something that is not understood may change what it opens. */
  readonly doubt?: Value
}

/** The objects of a manifest, those of its lists among them. */
export function objectsOf(text: Text, starts: Starts): readonly Tree[] {
  if (HELM.test(text.content)) {
    const at = text.content.search(/\b(?:hostPort|hostNetwork|NodePort|LoadBalancer)\b/)
    if (at >= 0 && /^kind:/m.test(text.content))
      starts.problem('which ports of a node this template opens is not known', text.origin(at, at + 8), { kind: 'nothing' })
    return []
  }
  const objects = readYaml(text).documents.flatMap((document) =>
    textOf(entry(document, 'kind')) === 'List' ? itemsOf(entry(document, 'items')) : [document],
  )
  const left = objects[MOST_OBJECTS]
  if (left !== undefined) starts.problem(`only the first ${MOST_OBJECTS} objects of the file were looked at`, originOf(left))
  return objects.slice(0, MOST_OBJECTS).filter((object) => textOf(entry(object, 'apiVersion')) !== undefined)
}
