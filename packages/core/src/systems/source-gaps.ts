import { type FileOrigin, type Gap, type GapCode, Text } from '../evidence/index.ts'
import { LIMITS, type Unparsed } from './source-folder.ts'
import type { FileState } from './system.ts'

export interface FoundGap {
  readonly claim: Gap
  readonly origin: FileOrigin
}

/** Something of a file of source that was not understood: what it starts or binds stays open. */
export function sourceGap(text: Text, code: GapCode, what: string): FoundGap {
  return { claim: { claim: 'gap', code, what, affects: { kind: 'folder' } }, origin: text.origin(0, 0) }
}

/** A source file that could not be read may hold anything. */
export function unreadSource(path: string, state: FileState | undefined): readonly FoundGap[] {
  return state === undefined || state.kind === 'text' ? [] : [sourceGap(new Text(path, ''), state.kind, `${path} could not be read`)]
}

/** Of the files that could not be parsed, those by whose text they may bind. `language`: as people call it. */
export function unparsedSources(
  project: { readonly unparsed: ReadonlyMap<string, Unparsed>; text(path: string): Text | undefined },
  language: string,
  mayBind: (content: string) => boolean,
): readonly FoundGap[] {
  return [...project.unparsed].flatMap(([path, reason]) => {
    const text = project.text(path) ?? new Text(path, '')
    if (!mayBind(text.content)) return []
    return reason === 'no-parser'
      ? [
          sourceGap(
            text,
            'tool-missing',
            `the file has too many mistakes to be parsed, or there is no parser for ${language} on this machine`,
          ),
        ]
      : [sourceGap(text, 'limit', `source beyond ${LIMITS.file} characters a file, or ${LIMITS.folder} a folder, is not read`)]
  })
}
