import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('regressions/', import.meta.url)

/** Names and texts of rulesets that once were computed wrongly. */
export function regressions(): readonly (readonly [name: string, text: string])[] {
  return readdirSync(FOLDER).map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')])
}
