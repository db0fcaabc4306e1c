/** HCL's native syntax in the style of `terraform fmt`: two blanks a level, the `=` of neighbouring lines one below the other. */

export type Value = string | number | boolean | Expression | readonly Value[] | { readonly [key: string]: Value }

/** Written as it stands: a reference or a type. */
export class Expression {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export interface Block {
  readonly type: string
  readonly labels?: readonly string[]
  readonly attributes?: Readonly<Record<string, Value>>
  readonly blocks?: readonly Block[]
}

export function blockText(block: Block, depth = 0): string {
  const indent = '  '.repeat(depth)
  const head = [block.type, ...(block.labels ?? []).map(quoted)].join(' ')
  const attributes = Object.entries(block.attributes ?? {})
  const width = Math.max(0, ...attributes.map(([name]) => name.length))
  const lines = attributes.map(([name, value]) => `${indent}  ${name.padEnd(width)} = ${valueText(value)}\n`)
  const inner = (block.blocks ?? []).map((each) => blockText(each, depth + 1))
  if (lines.length + inner.length === 0) return `${indent}${head} {}\n`
  const parts = [...(lines.length > 0 ? [lines.join('')] : []), ...inner]
  return `${indent}${head} {\n${parts.join('\n')}${indent}}\n`
}

function valueText(value: Value): string {
  if (value instanceof Expression) return value.text
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (isList(value)) return `[${value.map(valueText).join(', ')}]`
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${key} = ${valueText(each)}`)
    .join(', ')} }`
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** HCL Native Syntax Specification, "Template Expressions": `${` and `%{` begin a template, and doubled they do not. */
function quoted(text: string): string {
  const plain = text.replace(/["\\\n\r\t]/g, (character) => ESCAPES[character] ?? character).replace(/[$%](?=\{)/g, '$&$&')
  return `"${plain}"`
}

/** A name that HCL takes (`Identifiers`): any other character becomes `_`. */
export function identifier(words: readonly string[]): string {
  const name = words
    .join('_')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/_+$/, '')
  return /^[A-Za-z]/.test(name) ? name : `_${name.replace(/^_/, '')}`
}
