/** A value that stands in a variable, within words that are quoted otherwise. */
export class Variable {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** `prod-sg-api` → `prod_sg_api`, `API_INSTANCE`: a name that the shell takes (POSIX XCU 3.230). */
export function variableName(text: string): string {
  const name = text.replace(/[^A-Za-z0-9]+/g, '_')
  return /^[A-Za-z]/.test(name) ? name : `_${name}`
}

export type Json = string | number | boolean | Variable | readonly Json[] | { readonly [key: string]: Json }

/** JSON as one word; a variable is put in where it stands, in double quotes of the shell, so that blanks in it part nothing. */
export function jsonWord(value: Json): string {
  return `'${jsonText(value)}'`
}

function jsonText(value: Json): string {
  if (value instanceof Variable) return `"'"$${value.name}"'"`
  if (isList(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, each]) => `${JSON.stringify(key)}:${jsonText(each)}`)
      .join(',')}}`
  return JSON.stringify(value).replaceAll("'", `'\\''`)
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

/** Text of others in a comment: of one line. */
export function comment(text: string): string {
  return `# ${text.replace(/[^\x20-\x7e]/g, '?')}\n`
}
