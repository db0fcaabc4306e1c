import type { Edited, Editor } from '../edit.ts'
import { OLDER_ENGINES, publishedOn } from './published-on.ts'

/** A command that starts a container (`-p 8001:8001`), a unit's `PublishPort=`: the port is published on an address. */
export const publishEditor: Editor = {
  edit(change, files) {
    if (change.change !== 'publish') return { kind: 'refused', why: 'only a published port can be changed there' }
    const state = files.file(change.at.path)
    if (state.kind !== 'text') return { kind: 'refused', why: `${change.at.path} cannot be read` }
    const { start, end } = change.at.span
    const written = state.text.slice(start.offset, end.offset)
    const [port, ...others] = [...written.matchAll(PORT)]
    if (port === undefined || others.length > 0) return { kind: 'refused', why: 'which of the words is the port is not clear' }
    const [all, lead = '', spec = ''] = port
    const text = publishedOn(spec, '127.0.0.1')
    if (text === undefined) return { kind: 'refused', why: 'the address that it is published on is given elsewhere' }
    const from = start.offset + port.index + lead.length
    const edits = text === spec ? [] : [{ path: change.at.path, start: from, end: from + all.length - lead.length, text }]
    return { kind: 'edits', edits, notes: change.on === 'nowhere' ? [NOT_TAKEN, OLDER_ENGINES] : [OLDER_ENGINES] } satisfies Edited
  },
}

const NOT_TAKEN = 'only other services are meant to come to the port: it can be taken out of the command'

/** After the option, or alone; the address and both ports. */
const PORT =
  /(^|[\s"'=]|-p)((?:(?:\[[^\]\s]{1,60}\]|[\d.]{1,15}|\*|\$\{[^}\s]{1,100}\}|\$\w{1,60}):)?(?:[\d-]{0,11}|\$\{[^}\s]{1,100}\}|\$\w{1,60})?:?\d[\d-]{0,10}(?:\/\w{1,8})?)(?=$|[\s"'])/g
