import type { BindChange } from '../../evidence/index.ts'
import type { Editable, Editor } from '../edit.ts'
import type { Tools } from '../system.ts'
import { Draft } from './draft.ts'
import { BEYOND, planOf, type Wanted, whyEvery } from './wanted.ts'

/** Writes, in the words of one language, what a change wants: each of the places that give the host. */
export type BindWriter = (wanted: readonly Wanted[], change: BindChange, files: Editable, tools: Tools, draft: Draft) => void

/** An editor of source: what every language refuses, and what `write` does otherwise. */
export function editorOfBinds(write: BindWriter): Editor {
  return {
    edit(change, files, tools) {
      if (change.change !== 'bind') return { kind: 'refused', why: 'source code is changed only where it binds' }
      const plan = planOf(change.given, change.host)
      if (plan.kind === 'refused') return plan
      const every = whyEvery(change, files)
      if (every !== undefined) return { kind: 'refused', why: every }
      const draft = new Draft()
      for (const note of BEYOND[change.protocol]) draft.note(note)
      write(plan.wanted, change, files, tools, draft)
      return draft.result()
    },
  }
}
