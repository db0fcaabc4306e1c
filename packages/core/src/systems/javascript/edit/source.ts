import type { Editable } from '../../edit.ts'
import { parsed } from '../../source-edit/parsed.ts'
import type { Tools } from '../../system.ts'
import { Module } from '../source/module.ts'
import { languageOf } from '../source/project.ts'

/** A file that is edited, parsed; or why it cannot be. */
export function sourceOf(path: string, files: Editable, tools: Tools): Module | string {
  return parsed(path, files, tools, languageOf, (text, root) => new Module(text, root))
}
