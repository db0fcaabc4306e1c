import type { Located } from './thing.ts'
import type { Frame } from './thing.ts'
import type { Node } from '../tree.ts'

/** What a call is given. */
export interface CallArguments {
  readonly positional: readonly Located[]
  readonly keywords: ReadonlyMap<string, Located>
  /** `*args` and `**kwargs`, whose contents have to be followed. */
  readonly lists: readonly Located[]
  readonly mappings: readonly Located[]
}

export const NO_ARGUMENTS: CallArguments = { positional: [], keywords: new Map(), lists: [], mappings: [] }

export function argumentsOf(call: Node, frame: Frame | undefined): CallArguments {
  const positional: Located[] = []
  const keywords = new Map<string, Located>()
  const lists: Located[] = []
  const mappings: Located[] = []
  for (const child of call.field('arguments')?.named ?? []) {
    if (child.kind === 'keyword_argument') {
      const name = child.field('name')
      const value = child.field('value')
      if (name !== undefined && value !== undefined) keywords.set(name.content, { node: value, frame })
    } else if (child.kind === 'list_splat' || child.kind === 'dictionary_splat') {
      const value = child.named[0]
      if (value !== undefined) (child.kind === 'list_splat' ? lists : mappings).push({ node: value, frame })
    } else if (lists.length === 0) positional.push({ node: child, frame })
  }
  return { positional, keywords, lists, mappings }
}
