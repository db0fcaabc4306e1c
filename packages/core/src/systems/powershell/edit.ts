import type { Edit } from '../../evidence/index.ts'
import type { Editor } from '../edit.ts'

/** Comments, texts between single quotes and escaped characters are passed over; then a variable, with what is behind it where that tells its use. */
const TOKEN = /<#[^]*?#>|#[^\r\n]*|'(?:[^']|'')*'|`[^]|\$\{(\w+)\}|\$(\w+)(?!\w)/g

/** A parameter is renamed wherever the script uses it: `$Host.UI` is PowerShell's own, and stays. */
export const powershellEditor: Editor = {
  edit(change, files) {
    if (change.change !== 'rename') return { kind: 'refused', why: 'only a name can be changed there' }
    const { path } = change.at
    const state = files.file(path)
    if (state.kind !== 'text') return { kind: 'refused', why: `${path} cannot be read` }
    const [from, to] = [change.from.replace(/^\$/, ''), change.to.replace(/^\$/, '')]
    if (new RegExp(`\\$\\{?${to}\\b`, 'i').test(state.text)) return { kind: 'refused', why: `$${to} is in use already` }
    const edits = [...state.text.matchAll(TOKEN)].flatMap((match): readonly Edit[] => {
      const name = match[1] ?? match[2]
      const end = match.index + match[0].length
      if (name?.toLowerCase() !== from.toLowerCase() || /^(?:\.[A-Za-z]|:)/.test(state.text.slice(end, end + 2))) return []
      const start = match.index + (match[1] === undefined ? 1 : 2)
      return [{ path, start, end: start + name.length, text: to }]
    })
    if (!edits.some(({ start }) => start - 2 <= change.at.span.end.offset && start >= change.at.span.start.offset))
      return { kind: 'refused', why: `$${from} does not stand there` }
    return { kind: 'edits', edits, notes: [`whoever calls ${path} with -${from} has to say -${to}`] }
  },
}
