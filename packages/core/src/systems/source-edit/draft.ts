import type { Edit } from '../../evidence/index.ts'
import type { Edited } from '../edit.ts'
import type { Node } from '../tree.ts'

/** Edits as they come together; the first reason against them counts for all. */
export class Draft {
  readonly #edits: Edit[] = []
  readonly #notes = new Set<string>()
  #why: string | undefined

  replace(node: Node, text: string): void {
    this.put(node.file.path, node.start, node.end, text)
  }

  insert(node: Node, offset: number, text: string): void {
    this.put(node.file.path, offset, offset, text)
  }

  put(path: string, start: number, end: number, text: string): void {
    const edit: Edit = { path, start, end, text }
    const again = this.#edits.some((other) => other.path === path && other.start === start && other.end === end && other.text === text)
    if (!again) this.#edits.push(edit)
  }

  note(text: string): void {
    this.#notes.add(text)
  }

  refuse(why: string): void {
    this.#why ??= why
  }

  /** The edits in the order of the text; refused where two of them mean the same place. */
  result(): Edited {
    if (this.#why !== undefined) return { kind: 'refused', why: this.#why }
    if (this.#edits.length === 0) return { kind: 'refused', why: 'nothing was found here that could be changed' }
    const edits = this.#edits.toSorted((a, b) => (a.path === b.path ? a.start - b.start || a.end - b.end : a.path < b.path ? -1 : 1))
    const clash = edits.some((edit, index) => {
      const next = edits[index + 1]
      return next !== undefined && next.path === edit.path && next.start < edit.end
    })
    if (clash) return { kind: 'refused', why: 'the same place would have to be changed in two ways' }
    return { kind: 'edits', edits, notes: [...this.#notes] }
  }
}
