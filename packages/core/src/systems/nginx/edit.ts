import { hostBeforePort } from '../../network/index.ts'
import type { ValueChange } from '../../evidence/index.ts'
import type { Edited, Editor } from '../edit.ts'
import { literalEditor } from '../literal.ts'
import { type Directive, Source } from './parse.ts'

/** `listen` has a host that need not be written; everything else stands as it is. */
export const nginxEditor: Editor = {
  edit(change, files, tools) {
    if (change.change !== 'value') return { kind: 'refused', why: 'only a value can be replaced there' }
    const state = files.file(change.at.path)
    if (state.kind !== 'text') return { kind: 'refused', why: `${change.at.path} cannot be read` }
    const directive = directiveAt(new Source(change.at.path, state.text).directives, change.at.span.start.offset)
    return directive?.name === 'listen' ? listening(directive, change, state.text) : literalEditor.edit(change, files, tools)
  },
}

function directiveAt(directives: readonly Directive[], offset: number): Directive | undefined {
  for (const directive of directives) {
    if (directive.start <= offset && offset < directive.end) return directive
    const inner = directive.block === undefined ? undefined : directiveAt(directive.block, offset)
    if (inner !== undefined) return inner
  }
  return undefined
}

/** ngx_http_core_module, listen: `address[:port]`, `port`, `*:port`, `[::]:port`. */
function listening({ words: [word], source: { path } }: Directive, { to }: ValueChange, text: string): Edited {
  const written = word === undefined ? '' : text.slice(word.start, word.end)
  const port = /^(?:(?:\*|0\.0\.0\.0|\[::\]):)?(\d{1,5})$/.exec(written)?.[1]
  const alone = /^(?:\*|0\.0\.0\.0|\[::\])$/.test(written)
  if (word === undefined || (port === undefined && !alone)) return { kind: 'refused', why: `\`listen ${written}\` is given elsewhere` }
  const host = hostBeforePort(to)
  return {
    kind: 'edits',
    edits: [{ path, start: word.start, end: word.end, text: port === undefined ? host : `${host}:${port}` }],
    notes: [],
  }
}
