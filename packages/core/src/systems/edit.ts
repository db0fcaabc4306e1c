import type { Change, Edit } from '../evidence/index.ts'
import type { FileState, Tools } from './system.ts'

/** What an editor is handed: the text of any file of the folder, as it would be with the edits that were decided before. */
export interface Editable {
  file(path: string): FileState
}

/** The edits that make a change hold; or why they cannot be told, which leaves the change to a person. */
export type Edited =
  | {
      readonly kind: 'edits'
      readonly edits: readonly Edit[]
      /** What the edits change beyond what was asked, and what is left to do by hand (`npm run build`). */
      readonly notes: readonly string[]
    }
  | { readonly kind: 'refused'; readonly why: string }

/** Pure: texts in, edits by exact position out. What a change says of a place (`at`) holds of the text that `files` has. Whatever it does not touch stays as it is, byte for byte. Never throws on any text. */
export interface Editor {
  edit(change: Change, files: Editable, tools: Tools): Edited
}
