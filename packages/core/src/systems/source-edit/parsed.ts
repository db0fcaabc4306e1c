import { Text } from '../../evidence/index.ts'
import type { Editable } from '../edit.ts'
import { LIMITS } from '../source-folder.ts'
import type { SourceLanguage, Tools } from '../system.ts'
import { Node } from '../tree.ts'

/** A file that is edited, parsed; or why it cannot be. */
export function parsed<Parsed>(
  path: string,
  files: Editable,
  tools: Tools,
  language: SourceLanguage | ((text: Text) => SourceLanguage),
  make: (text: Text, root: Node) => Parsed,
): Parsed | string {
  const state = files.file(path)
  if (state.kind !== 'text') return `${path} cannot be read`
  if (state.text.length > LIMITS.file) return `${path} is too large to be edited`
  const text = new Text(path, state.text)
  const syntax = tools.parseSource(typeof language === 'function' ? language(text) : language, state.text)
  return syntax === undefined ? `${path} cannot be parsed here` : make(text, new Node(text, syntax))
}
