/** What a template holds; `Function` is written in the short form of CloudFormation's own functions. */
export type Node = string | number | boolean | Function | readonly Node[] | { readonly [key: string]: Node }

/** `!Ref VpcId`, `!GetAtt Api.GroupId` (CloudFormation User Guide, "Intrinsic function reference"). */
export class Function {
  readonly name: 'Ref' | 'GetAtt'
  readonly argument: string

  constructor(name: Function['name'], argument: string) {
    this.name = name
    this.argument = argument
  }
}

/** A mapping in YAML's block style; every text that is not a plain word is in double quotes, which JSON's strings are too (YAML 1.2, 5.7). */
export function yamlText(node: { readonly [key: string]: Node }, depth = 0): string {
  return Object.entries(node)
    .map(([key, value]) => `${'  '.repeat(depth)}${scalar(key)}:${valueText(value, depth + 1)}`)
    .join('')
}

function valueText(value: Node, depth: number): string {
  const indent = '  '.repeat(depth)
  if (value instanceof Function) return ` !${value.name} ${value.argument}\n`
  if (isList(value)) return value.length === 0 ? ' []\n' : `\n${value.map((item) => `${indent}-${itemText(item, depth + 1)}`).join('')}`
  if (typeof value === 'object') return Object.keys(value).length === 0 ? ' {}\n' : `\n${yamlText(value, depth)}`
  return ` ${scalar(value)}\n`
}

/** The first key of a mapping stands beside the hyphen. */
function itemText(item: Node, depth: number): string {
  if (typeof item !== 'object' || item instanceof Function || isList(item)) return valueText(item, depth)
  return ` ${yamlText(item, depth).slice(depth * 2)}`
}

const isList = (node: Node): node is readonly Node[] => Array.isArray(node)

/** Words that YAML 1.1, which CloudFormation reads, takes for something other than text. */
const OTHER = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf)$/i

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  // A time of day to YAML 1.1 has digits and a colon; a word that begins with a letter is text.
  return /^[A-Za-z][\w.:/-]*$/.test(value) && !value.endsWith(':') && !OTHER.test(value) ? value : JSON.stringify(value)
}

/** Of letters and digits alone, as a logical id has to be: `prod-sg-api` → `ProdSgApi`. */
export function logicalId(words: readonly string[]): string {
  return words
    .flatMap((word) => word.split(/[^A-Za-z0-9]+/))
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
}
