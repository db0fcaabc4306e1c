import type { Node } from '../../tree.ts'

/** The declaration of what a `for` loop counts with, where it counts up by one. */
export function counterOf(loop: Node): Node | undefined {
  const declared = loop.field('initializer')?.named ?? []
  const [counter] = declared
  const name = counter?.field('name')?.content ?? ''
  const step = loop.field('increment')?.content.replace(/\s/g, '')
  const byOne = step === `${name}++` || step === `++${name}` || step === `${name}+=1`
  return counter?.kind === 'variable_declarator' && byOne && declared.length === 1 ? counter : undefined
}
