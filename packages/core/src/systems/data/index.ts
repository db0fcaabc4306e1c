import { ABSENT, type FileOrigin, Text, type Value } from '../../evidence/index.ts'
import { originOf, readYaml, type Tree } from '../yaml.ts'
import { readIni } from './ini.ts'
import { readToml } from './toml.ts'

export type { Tree } from '../yaml.ts'

export type DataFormat = 'json' | 'yaml' | 'toml' | 'ini'

const FORMATS: readonly (readonly [RegExp, DataFormat])[] = [
  [/\.(?:json|jsonc|json5)$/i, 'json'],
  [/\.ya?ml$/i, 'yaml'],
  [/\.toml$/i, 'toml'],
  [/\.(?:ini|cfg|conf|properties)$/i, 'ini'],
]

/** What a file's name says of how it is written. */
export function dataFormat(path: string): DataFormat | undefined {
  return FORMATS.find(([pattern]) => pattern.test(path))?.[1]
}

/** What a configuration file says, with places. `undefined`: nothing that can be read. Never throws; each format has its own limits. */
export function readData(text: Text, format: DataFormat): Tree | undefined {
  switch (format) {
    // JSON is YAML (YAML 1.2.2 §1.3), also with the comments that its dialects take once they are blanks.
    case 'json':
      return readYaml(withoutComments(text)).documents[0]
    case 'yaml':
      return readYaml(text).documents[0]
    case 'toml':
      return readToml(text)
    case 'ini':
      return readIni(text)
    default:
      return format satisfies never
  }
}

/** The same text with the comments of JSON5 as blanks, so that every place stays, and with lines that YAML's reader knows. */
function withoutComments(text: Text): Text {
  // CR ends a line as well (JSON5 §3).
  const content = text.content.replace(/\r(?!\n)/g, '\n')
  if (!content.includes('//') && !content.includes('/*')) return content === text.content ? text : new Text(text.path, content)
  const pieces: string[] = []
  let copied = 0
  for (let at = 0; at < content.length; at++) {
    const character = content[at]
    if (character === '"' || character === "'") at = endOfString(content, at)
    else if (character === '/' && (content[at + 1] === '/' || content[at + 1] === '*')) {
      const end = content[at + 1] === '/' ? endOf(content, '\n', at) : endOf(content, '*/', at + 2)
      pieces.push(content.slice(copied, at), content.slice(at, end).replace(/[^\r\n]/g, ' '))
      copied = end
      at = end - 1
    }
  }
  return new Text(text.path, pieces.join('') + content.slice(copied))
}

function endOf(content: string, mark: string, from: number): number {
  const found = content.indexOf(mark, from)
  return found < 0 ? content.length : found + mark.length
}

/** The closing quote, or the end of the line. */
function endOfString(content: string, start: number): number {
  for (let at = start + 1; at < content.length; at++) {
    if (content[at] === '\\') at++
    else if (content[at] === content[start] || content[at] === '\n') return at
  }
  return content.length
}

/** A scalar as a value; `undefined` for a list or mapping. */
export function scalarValue(tree: Tree, origin: FileOrigin = originOf(tree)): Value | undefined {
  if (tree.kind !== 'scalar') return undefined
  switch (tree.type) {
    case 'null':
      return ABSENT
    case 'boolean':
      return { kind: 'known', value: tree.value.toLowerCase() === 'true', origin }
    case 'number': {
      const number = Number(tree.value.replaceAll('_', ''))
      return { kind: 'known', value: Number.isNaN(number) ? tree.value : number, origin }
    }
    case 'string':
      return { kind: 'known', value: tree.value, origin }
    default:
      return tree.type satisfies never
  }
}
