import { isSecretName } from '../../evidence/index.ts'
import type { Place } from '../blanked.ts'
import type { Directive } from './parse.ts'
import type { Token } from './tokens.ts'

/** Headers whose fixed value is no secret; any other may be a key that the back end asks for. */
const PLAIN_HEADER =
  /^[+-]?(?:host|connection|upgrade|x-forwarded-[a-z]+|x-real-ip|forwarded|via|range|origin|referer|(?:if|accept|content|cache|sec|access-control|strict|permissions|cross)(?:-[a-z-]+)?|user-agent|x-request-id|x-frame-options|x-content-type-options|x-xss-protection|referrer-policy|server|location)$/i

/** Directives whose words are credentials of their own: of a DNS provider, of users, of an account. */
const CREDENTIALS: ReadonlySet<string> = new Set(['basic_auth', 'basicauth', 'dns', 'acme_dns', 'eab', 'acme_eab', 'jwt', 'key', 'token'])

/** The places of a file whose text is never shown, whatever line of it is. */
export function secretSpans(directives: readonly Directive[], within = ''): readonly Place[] {
  return directives.flatMap((directive): readonly Place[] => [
    ...wordsOf(directive, within),
    ...secretSpans(directive.block ?? [], CREDENTIALS.has(directive.name) ? directive.name : within),
  ])
}

function wordsOf({ name, words, head }: Directive, within: string): readonly Token[] {
  // Users with their hashes; options of a provider.
  if (CREDENTIALS.has(within)) return head.slice(within === 'dns' || within === 'acme_dns' ? 1 : 0)
  if (name === 'dns' || name === 'acme_dns' || name === 'eab' || name === 'acme_eab') return words.slice(1)
  if (name === 'header_up' || name === 'request_header' || name === 'header' || name === 'header_regexp' || name === 'header_down')
    return headerValue(words)
  if (name.startsWith('@') && /^header/.test(words[0]?.text ?? '')) return headerValue(words.slice(1))
  if (name === 'expression' || name.startsWith('@'))
    return words.filter(({ text }) => /[`"'(]/.test(text) && /header|query|cookie/i.test(text))
  if (name === 'respond') return words.filter((word) => /\s/.test(word.text))
  return isSecretName(name) ? words : []
}

/** A matcher may stand before the field; what comes from the request is no secret of the file. */
function headerValue(words: readonly Token[]): readonly Token[] {
  const [field, ...values] = words[0] !== undefined && /^[@/*]/.test(words[0].text) ? words.slice(1) : words
  return field === undefined || PLAIN_HEADER.test(field.text) ? [] : values.filter(({ text }) => !/^\{[\w.>-]+\}$/.test(text))
}
