import { ABSENT, type AllowedOrigins, type Value } from '../../evidence/index.ts'
import { partOf, type Passage } from '../passage.ts'
import { interpolate } from './interpolate.ts'
import type { FileVariable } from './values.ts'

/** Variables that list the origins which may ask a server from a browser. */
const NAME = /(?:^|_)(?:CORS|ALLOW(?:ED)?)_(?:[A-Z0-9]+_)*ORIGINS?$|^(?:CORS|ORIGINS)$|(?:^|_)CORS_(?:WHITELIST|DOMAINS|URLS?|HOSTS)$/i
const CREDENTIALS = /(?:^|_)CORS_(?:[A-Z]+_)*CREDENTIALS$/i
/** One origin: between the commas, blanks, quotes and brackets of any way to write a list. */
const ITEM = /[^\s,;"'[\]]+/g
const ITEMS = 500

/** The list in a variable such as `CORS_ORIGINS`, each origin with its place; `undefined` for any other variable. */
export function allowedOrigins(variable: FileVariable, all: ReadonlyMap<string, FileVariable>): AllowedOrigins | undefined {
  const passage = variable.line.value
  if (variable.name.length > 100 || !NAME.test(variable.name) || passage === undefined || passage.content.trim() === '') return undefined
  const origins = [...passage.content.matchAll(ITEM)].slice(0, ITEMS).map((match) => {
    const piece = partOf(passage, match.index, match.index + match[0].length)
    return { text: valueOf(piece, all), origin: piece.origin(0, piece.content.length) }
  })
  const wildcard = origins.some(({ text: value }) => value.kind === 'known' && value.value === '*')
  const credentials = [...all.values()].some(
    ({ name, value }) =>
      name.length <= 100 && CREDENTIALS.test(name) && value.kind === 'known' && /^(?:true|1|yes|on)$/i.test(String(value.value)),
  )
  return { claim: 'allowed-origins', name: variable.name, origins, wildcard, credentials }
}

function valueOf(piece: Passage, all: ReadonlyMap<string, FileVariable>): Value {
  return interpolate(
    piece,
    (name, origin) => all.get(name)?.value ?? { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: false, origin },
  ).value
}
