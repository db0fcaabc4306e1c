import { Text } from '../../../evidence/index.ts'
import type { Editable } from '../../edit.ts'
import { LIMITS } from '../../source-folder.ts'
import type { Tools } from '../../system.ts'
import { Node } from '../../tree.ts'
import { Module } from '../source/module.ts'
import { languageOf } from '../source/project.ts'

/** A file that is edited, parsed; or why it cannot be. */
export function sourceOf(path: string, files: Editable, tools: Tools): Module | string {
  const state = files.file(path)
  if (state.kind !== 'text') return `${path} cannot be read`
  if (state.text.length > LIMITS.file) return `${path} is too large to be edited`
  const text = new Text(path, state.text)
  const syntax = tools.parseSource(languageOf(text), state.text)
  return syntax === undefined ? `${path} cannot be parsed here` : new Module(text, new Node(text, syntax))
}
