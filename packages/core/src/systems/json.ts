/** Reading JSON of other programs: a field is what is expected, or it is absent. Nothing throws. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** The field, or `undefined` when `value` is no object or has no such field of its own. */
export function field(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as { readonly [key: string]: Json | undefined })[name]
    : undefined
}

export function textField(value: Json | undefined, name: string): string | undefined {
  const found = field(value, name)
  return typeof found === 'string' ? found : undefined
}

export function numberField(value: Json | undefined, name: string): number | undefined {
  const found = field(value, name)
  return typeof found === 'number' ? found : undefined
}

/** An array's items; anything else has none. */
export function items(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

/** The own entries of an object; anything else has none. */
export function entries(value: Json | undefined): readonly (readonly [string, Json])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, item] as const]))
}
