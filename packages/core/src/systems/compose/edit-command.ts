import { type ArgumentChange, Text } from '../../evidence/index.ts'
import type { Editable, Edited } from '../edit.ts'
import { argumentEditor } from '../programs/edit.ts'
import { hostWords } from '../programs/host-option.ts'
import { indentAt, lineEnd, lineStart, newlineOf } from '../source-edit/layout.ts'
import type { Tools } from '../system.ts'
import { entriesOf, mappingsIn, type MappingNode, readYaml, type ScalarNode, type Tree } from '../yaml.ts'
import { commandOfImage } from './images.ts'

/**
 * The option that says the host: behind a `command` that is written, else in a `command` of its own beside the image. Entry points of the
 * images that are known run a command that names their program as it is (their Dockerfiles on Docker Hub: CMD).
 */
export function commandEdit(change: ArgumentChange, files: Editable, tools: Tools): Edited {
  const { path, span } = change.at
  const state = files.file(path)
  if (state.kind !== 'text') return refused(`${path} cannot be read`)
  const text = new Text(path, state.text)
  const { documents } = readYaml(text)
  const services = documents.flatMap((document) => [...entriesOf(entriesOf(document).get('services')?.value).values()])
  const isThere = ({ start, end }: Tree): boolean => start === span.start.offset && end === span.end.offset
  const users = services.filter(({ value }) => {
    const image = entriesOf(value).get('image')?.value
    return image !== undefined && isThere(image)
  })
  const [user] = users
  if (user === undefined) return isImage(documents, isThere) ? refused(ELSEWHERE) : argumentEditor.edit(change, files, tools)
  const { value: service } = user
  const image = entriesOf(service).get('image')
  if (users.length > 1 || service.kind !== 'mapping' || image?.value.kind !== 'scalar' || image.key.start < service.start)
    return refused(ELSEWHERE)
  const words = commandOf(image.value, change)
  if (words === undefined) return refused('what the image runs is not known')
  if (entriesOf(service).has('command')) return refused('the service has a command already')
  const command = isListed(services.map(({ value }) => value)) ? `[${words.map((word) => `"${word}"`).join(', ')}]` : words.join(' ')
  return edited(path, ...placed(text.content, service, image.key.start, image.value, `command: ${command}`))
}

const ELSEWHERE = 'the image is written where other services have it too'
const refused = (why: string): Edited => ({ kind: 'refused', why })
const edited = (path: string, at: number, text: string): Edited => ({
  kind: 'edits',
  edits: [{ path, start: at, end: at, text }],
  notes: ['the container runs the command that is written here, not the one that its image brings along'],
})

/** What the image would run, told the host. */
function commandOf({ value }: ScalarNode, { program, host }: ArgumentChange): readonly string[] | undefined {
  const words = hostWords(program, host)
  // `${IMAGE:-postgres}`: the program is told, which the default has.
  const own = commandOfImage(value.replace(/^\$\{\w+:?-([^{}$]+)\}/, '$1'))
  return words === undefined || own === undefined ? undefined : [...own, ...words]
}

/** A value of a key `image`, wherever that is: in a fragment that services merge in. */
function isImage(documents: readonly Tree[], isThere: (tree: Tree) => boolean): boolean {
  return [...mappingsIn(documents)].some(({ entries }) => {
    const image = entries.get('image')?.value
    return image !== undefined && isThere(image)
  })
}

/** Whether the file writes its commands as lists. */
function isListed(services: readonly Tree[]): boolean {
  const commands = services.flatMap((service) => entriesOf(service).get('command')?.value ?? [])
  return commands.length > 0 && commands.every(({ kind }) => kind === 'list')
}

/** Behind the image: in a line of its own, or in the same braces. */
function placed(content: string, service: MappingNode, key: number, image: ScalarNode, entry: string): readonly [number, string] {
  if (content[service.start] === '{') return [image.end, `, ${entry}`]
  const newline = newlineOf(content)
  const own = indentAt(content, key)
  const indent = `${own}${' '.repeat(key - lineStart(content, key) - own.length)}`
  // A block ends where its lines do: the command goes before it.
  if (/[|>]/.test(content[image.start] ?? '')) return [key, `${entry}${newline}${indent}`]
  return [lineEnd(content, image.end), `${newline}${indent}${entry}`]
}
