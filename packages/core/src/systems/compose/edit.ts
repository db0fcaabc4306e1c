import { type Edit, type PublishChange, Text } from '../../evidence/index.ts'
import { OLDER_ENGINES, publishedOn } from '../container-run/published-on.ts'
import type { Edited, Editor } from '../edit.ts'
import { commandEdit } from './edit-command.ts'
import { entriesOf, type ListNode, mappingsIn, type MappingNode, readYaml, type ScalarNode, type Tree } from '../yaml.ts'

const LOOPBACK = '127.0.0.1'

const refused = (why: string): Edited => ({ kind: 'refused', why })

/** `ports` of a compose file, in the short and the long form, in block and in flow style; the `command` of a service. */
export const composeEditor: Editor = {
  edit(change, files, tools) {
    if (change.change === 'argument') return commandEdit(change, files, tools)
    if (change.change !== 'publish') return refused('only a published port can be changed there')
    const { path, span } = change.at
    const state = files.file(path)
    if (state.kind !== 'text') return refused(`${path} cannot be read`)
    const found = findItem(readYaml(new Text(path, state.text)).documents, span.start.offset, span.end.offset)
    if (found === undefined) return refused('the port is not written there')
    if (change.on === 'nowhere') return takenAway(found, change, state.text)
    return found.item.kind === 'mapping' ? longForm(found.item, path, state.text) : shortForm(found.item, path, state.text)
  },
}

/** 1.29: "contains unsupported option: 'host_ip'". */
const OLDER_COMPOSE = 'docker-compose 1 takes no host_ip: there the port is to be written as "127.0.0.1:8000:8000"'

interface Found {
  readonly item: Tree
  readonly list: ListNode
  readonly key: Place
  /** Nothing else is in the mapping that the list is written in. */
  readonly isAlone: boolean
}

interface Place {
  readonly start: number
  readonly end: number
}

function findItem(documents: readonly Tree[], start: number, end: number): Found | undefined {
  for (const document of documents)
    for (const { value: service } of entriesOf(servicesOf(document)).values()) {
      const ports = entriesOf(service).get('ports')
      if (ports?.value.kind !== 'list') continue
      const item = ports.value.items.find((each) => each.start === start && each.end === end)
      if (item !== undefined) return { item, list: ports.value, key: ports.key, isAlone: isAlone(document, ports.key) }
    }
  return undefined
}

/** Of what mappings merge in, the key alone is theirs. */
function isAlone(document: Tree, key: Place): boolean {
  for (const { start, end, entries } of mappingsIn([document])) {
    const all = [...entries.values()]
    const isOwn = start <= key.start && key.end <= end && all.some((entry) => entry.key.start === key.start)
    if (isOwn) return all.filter((entry) => start <= entry.key.start && entry.key.end <= end).length === 1
  }
  return true
}

function servicesOf(document: Tree): Tree | undefined {
  return entriesOf(document).get('services')?.value
}

const edited = (edits: readonly Edit[], ...notes: readonly string[]): Edited => ({ kind: 'edits', edits, notes })

function shortForm(item: Tree, path: string, text: string): Edited {
  if (item.kind !== 'scalar') return refused('the port is no text')
  const [start, end] = inner(item, text)
  const written = text.slice(start, end)
  if (/[\\\s]/.test(written)) return refused('the port is written in a way that is not edited')
  const port = publishedOn(written, LOOPBACK)
  if (port === undefined) return refused('the address that it is published on is given elsewhere')
  return edited(port === written ? [] : [{ path, start, end, text: port }], OLDER_ENGINES)
}

/** Without its quotes. */
function inner({ start, end }: ScalarNode, text: string): readonly [number, number] {
  return /["']/.test(text[start] ?? '') ? [start + 1, end - 1] : [start, end]
}

function longForm(item: MappingNode, path: string, text: string): Edited {
  const address = item.entries.get('host_ip')?.value
  if (address !== undefined) {
    if (address.kind !== 'scalar' || address.end <= address.start) return refused('host_ip is no text')
    const [start, end] = inner(address, text)
    if (/[$*&!|>]/.test(text.slice(start, end))) return refused('the address that it is published on is given elsewhere')
    return edited([{ path, start, end, text: LOOPBACK }], OLDER_ENGINES)
  }
  const first = Math.min(...[...item.entries.values()].map(({ key }) => key.start))
  const lineStart = startOfLine(text, first)
  const isFlow = text[item.start] === '{'
  const between = isFlow ? ', ' : `${lineEnding(text)}${' '.repeat(first - lineStart)}`
  // A quoted key begins with its quote.
  return edited([{ path, start: first, end: first, text: `host_ip: ${LOOPBACK}${between}` }], OLDER_ENGINES, OLDER_COMPOSE)
}

/** The item's own line, or its place between commas; with the last of them the key goes as well, if something is left beside it. */
function takenAway({ item, list, key, isAlone }: Found, { at: { path } }: PublishChange, text: string): Edited {
  const isFlow = text[list.start] === '['
  const isLast = list.items.length === 1
  if (isLast) {
    const from = startOfLine(text, key.start)
    if (isAlone || !/^[ \t]*$/.test(text.slice(from, key.start))) return emptied(list, item, key, path, text)
    return edited([{ path, start: from, end: endOfLine(text, isFlow ? list.end : item.end), text: '' }])
  }
  if (isFlow) {
    const after = /^\s*,[ \t]*/.exec(text.slice(item.end, item.end + 200))
    if (after !== null) return edited([{ path, start: item.start, end: item.end + after[0].length, text: '' }])
    const before = /,\s*$/.exec(text.slice(list.start, item.start))
    return edited([{ path, start: item.start - (before?.[0].length ?? 0), end: item.end, text: '' }])
  }
  const from = startOfLine(text, item.start)
  if (!/^[ \t]*-[ \t]+$/.test(text.slice(from, item.start))) return refused('the port shares its line with something else')
  return edited([{ path, start: from, end: endOfLine(text, item.end), text: '' }])
}

/** `ports: []`, where a mapping without the key would be none, or has other keys in the same line. */
function emptied(list: ListNode, item: Tree, key: Place, path: string, text: string): Edited {
  if (text[list.start] === '[') return edited([{ path, start: list.start, end: list.end, text: '[]' }])
  const between = text.slice(key.end, item.start)
  if (!/^["']?[ \t]*:[ \t]*(?:\r\n|\n|\r)[ \t]*-[ \t]+$/.test(between)) return refused('the port shares its line with something else')
  return edited([{ path, start: key.end + between.indexOf(':') + 1, end: item.end, text: ' []' }])
}

function startOfLine(text: string, at: number): number {
  return Math.max(text.lastIndexOf('\n', at - 1), text.lastIndexOf('\r', at - 1)) + 1
}

/** Behind the line's own ending; a place at the beginning of a line is there already. */
function endOfLine(text: string, at: number): number {
  if (at > 0 && /[\r\n]/.test(text[at - 1] ?? '')) return at
  const rest = /[^\r\n]*(?:\r\n|\n|\r)?/y
  rest.lastIndex = at
  return at + (rest.exec(text)?.[0].length ?? 0)
}

function lineEnding(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}
