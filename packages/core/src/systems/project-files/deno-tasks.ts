import type { Text } from '../../evidence/index.ts'
import { readData } from '../data/index.ts'
import { entriesOf, entry, type Tree } from '../yaml.ts'

/** In the order in which Deno looks for them. */
export const DENO_FILES = ['deno.json', 'deno.jsonc'] as const

/** A command of `tasks`: a text, or `command` of an object (docs.deno.com/runtime/reference/cli/task). */
export interface DenoTask {
  readonly name: string
  readonly command: Extract<Tree, { readonly kind: 'scalar' }>
}

export function denoTasks(text: Text): readonly DenoTask[] {
  return [...entriesOf(entry(readData(text, 'json'), 'tasks'))].flatMap(([name, { value }]) => {
    const command = value.kind === 'mapping' ? entry(value, 'command') : value
    return command?.kind === 'scalar' && command.type === 'string' ? [{ name, command }] : []
  })
}
