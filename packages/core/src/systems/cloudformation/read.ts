import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Tables } from '../aws/tables.ts'

export interface ReadTemplate {
  readonly tables: Tables
  readonly problem?: { readonly line: number; readonly what: string }
}

/** Nothing of a template nests deeper, and its aliases cannot multiply: none are followed. */
const MOST_DEPTH = 40

/** A template's resources and parameters, each value by its path; tags (`!Ref`) are part of the value. */
export function readTemplate(text: string): ReadTemplate {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent', customTags: [], uniqueKeys: true })
  const tables = new Map<string, Map<string, string>>()
  const [error] = document.errors
  if (error !== undefined) return { tables, problem: { line: error.linePos?.[0].line ?? 1, what: error.code } }
  if (!isMap(document.contents)) return { tables, problem: { line: 1, what: 'no mapping' } }
  for (const section of document.contents.items) {
    const name = textOf(section.key)
    if (!isMap(section.value)) {
      tables.set(name, flat(section.value as Node | null))
      continue
    }
    for (const item of section.value.items) tables.set(`${name} ${textOf(item.key)}`, flat(item.value as Node | null))
  }
  return { tables }
}

function flat(node: Node | null, prefix = '', table = new Map<string, string>(), depth = 0): Map<string, string> {
  const put = (value: string): Map<string, string> => table.set(prefix === '' ? 'value' : prefix.slice(1), `${tagOf(node)}${value}`)
  if (depth > MOST_DEPTH) return put('nested too deep')
  if (isMap(node)) {
    if (node.items.length === 0) put('{}')
    for (const { key, value } of node.items) flat(value as Node | null, `${prefix}.${textOf(key)}`, table, depth + 1)
    return table
  }
  if (isSeq(node)) {
    if (node.items.length === 0) put('[]')
    for (const [index, value] of node.items.entries()) flat(value as Node | null, `${prefix}[${index}]`, table, depth + 1)
    return table
  }
  return put(isScalar(node) ? String(node.value) : node === null ? 'null' : 'an alias, which is not followed')
}

const tagOf = (node: Node | null): string => (node !== null && 'tag' in node && node.tag?.startsWith('!') === true ? `${node.tag} ` : '')

const textOf = (key: unknown): string => (isScalar(key) ? String(key.value) : 'a key that is no text')
