import type { BindChange } from '../../evidence/index.ts'
import type { Editable } from '../edit.ts'
import type { Draft } from './draft.ts'
import { notRead, type Wanted } from './wanted.ts'

/** Files that hold data, which programs read. */
export const DATA = /\.(?:json[5c]?|ya?ml|toml|ini|cfg|conf|properties|env)$|(?:^|\/)\.env[\w.-]*$/

/** A host in a file that is no program (JSON, YAML, TOML): the text alone is another, its quotes stay. */
export function changeData(wanted: Extract<Wanted, { readonly kind: 'literal' }>, change: BindChange, files: Editable, draft: Draft): void {
  const { path, span } = wanted.at
  const state = files.file(path)
  const written = state.kind === 'text' ? state.text.slice(span.start.offset, span.end.offset) : ''
  const at = written.indexOf(String(wanted.value))
  if (at < 0 || String(wanted.value) === '' || written.length > 1_000 || written.indexOf(String(wanted.value), at + 1) >= 0)
    return draft.refuse(`${path}:${span.start.line}: the host ${wanted.value} is not written there as a text`)
  const start = span.start.offset + at
  draft.put(path, start, start + String(wanted.value).length, change.host)
  draft.note(notRead(change))
}
