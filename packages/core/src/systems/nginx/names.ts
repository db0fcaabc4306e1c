import type { ServerName } from '../../evidence/index.ts'
import type { Gaps } from './gaps.ts'
import { type Directive, wordOrigin } from './parse.ts'
import type { Word } from './tokens.ts'
import { hasEnvironment, toValue } from './values.ts'

/** The names of a `server_name` line (`ngx_http_core_server_name`, `ngx_hash_add_key`). */
export function readNames(directive: Directive, gaps: Gaps): readonly ServerName[] {
  return directive.words.flatMap((word) => {
    const name = readName(directive, word)
    if (name === undefined) gaps.at(directive, `"${word.text.slice(0, 80)}" is no server name that nginx takes`)
    return name ?? []
  })
}

function readName(directive: Directive, word: Word): ServerName | undefined {
  const origin = wordOrigin(directive, word)
  const placed = { text: word.text, template: directive.source.template, origin }
  if (hasEnvironment(placed)) return { kind: 'undecided', value: toValue(placed), origin }
  if (word.text.toLowerCase() === '$hostname') {
    return { kind: 'undecided', value: { kind: 'unknown', reason: "the machine's own name", origin }, origin }
  }
  if (word.text.startsWith('~')) {
    const pattern = word.text.slice(1)
    // Case counts unless the pattern itself has a capital.
    return pattern === '' ? undefined : { kind: 'regex', pattern, caseSensitive: !/[A-Z]/.test(pattern), origin }
  }
  const name = word.text.toLowerCase()
  if (name.includes('..') || name.split('*').length > 2) return undefined
  if (name.length > 1 && name.startsWith('.')) return { kind: 'wildcard-start', suffix: name.slice(1), andItself: true, origin }
  if (name.length > 2 && name.startsWith('*.')) return { kind: 'wildcard-start', suffix: name.slice(2), andItself: false, origin }
  if (name.length > 2 && name.endsWith('.*')) return { kind: 'wildcard-end', prefix: name.slice(0, -2), origin }
  return name.includes('*') || name === '.' ? undefined : { kind: 'exact', name, origin }
}
