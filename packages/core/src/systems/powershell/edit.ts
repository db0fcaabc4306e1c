import { type Edit, Text } from '../../evidence/index.ts'
import type { Editor } from '../edit.ts'
import { literalEditor } from '../literal.ts'

/** Comments, texts between single quotes and escaped characters are passed over; in texts between double quotes variables are put in. */
const TOKEN = /<#[^]*?#>|#[^\r\n]*|'(?:[^']|'')*'|`[^]|"(?:[^"`]|`[^]|"")*"|\$\{\w+\}|\$\w+/g
const VARIABLE = /`[^]|\$\{(\w+)\}|\$(\w+)/g

/** A parameter is renamed wherever the script uses it: `$Host.UI` is PowerShell's own, and stays. A default is replaced behind its name. */
export const powershellEditor: Editor = {
  edit(change, files, tools) {
    if (change.change === 'value') {
      const there = literalEditor.edit(change, files, tools)
      const state = files.file(change.at.path)
      if (there.kind === 'edits' || state.kind !== 'text') return there
      const text = new Text(change.at.path, state.text)
      const { start, end } = change.at.span
      const line = text.line(text.position(end.offset).line)
      const rest = line.slice(text.position(end.offset).column - 1)
      if (!/^\s*=/.test(rest)) return there
      return literalEditor.edit({ ...change, at: text.origin(start.offset, end.offset + rest.length) }, files, tools)
    }
    if (change.change !== 'rename') return { kind: 'refused', why: 'only a name can be changed there' }
    const { path } = change.at
    const state = files.file(path)
    if (state.kind !== 'text') return { kind: 'refused', why: `${path} cannot be read` }
    const [from, to] = [change.from.replace(/^\$/, ''), change.to.replace(/^\$/, '')]
    if (new RegExp(`\\$\\{?${to}\\b`, 'i').test(state.text)) return { kind: 'refused', why: `$${to} is in use already` }
    const edits = variablesIn(state.text).flatMap(({ name, start }): readonly Edit[] => {
      const end = start + name.length
      // `$Host.UI` and `$host:x` are others; in braces nothing behind it belongs to it.
      if (name.toLowerCase() !== from.toLowerCase() || /^(?:\.[A-Za-z]|:\w)/.test(state.text.slice(end, end + 2))) return []
      return [{ path, start, end, text: to }]
    })
    if (!edits.some(({ start }) => start - 2 <= change.at.span.end.offset && start >= change.at.span.start.offset))
      return { kind: 'refused', why: `$${from} does not stand there` }
    return { kind: 'edits', edits, notes: [`whoever calls ${path} with -${from} has to say -${to}`] }
  },
}

/** Each use of a variable, by its name alone. */
function variablesIn(text: string): readonly { readonly name: string; readonly start: number }[] {
  return [...text.matchAll(TOKEN)]
    .filter(([token]) => /^["$]/.test(token))
    .flatMap((token) =>
      [...token[0].matchAll(VARIABLE)].flatMap((match) => {
        const name = match[1] ?? match[2]
        return name === undefined ? [] : [{ name, start: token.index + match.index + (match[1] === undefined ? 1 : 2) }]
      }),
    )
}
