import { isSecretName } from '../../evidence/index.ts'
import type { Place } from '../blanked.ts'
import type { Directive } from './parse.ts'
import type { Word } from './tokens.ts'

/** Headers whose fixed value is no secret; a fixed value of any other one may be a key that the back end asks for. */
const PLAIN_HEADER =
  /^(?:host|connection|upgrade|x-forwarded-[a-z]+|x-real-ip|forwarded|via|range|te|origin|referer|x-scheme|x-script-name|x-nginx-proxy|x-original-[a-z]+|(?:if|accept|content|cache|sec|access-control)(?:-[a-z-]+)?|user-agent|early-data|x-request-id|x-frame-options)$/i

/** Request headers that name no secret when a file compares them with a text. */
const PLAIN_VARIABLE =
  /^http_(?:host|user_agent|upgrade|connection|referer|origin|accept\w*|x_forwarded_\w+|content_\w+|sec_\w+|range|x_real_ip|x_requested_with|cf_\w+)$/

/** Variables that carry what a client sends to prove who it is: headers of its own, cookies, arguments. */
function mayCarrySecret(text: string): boolean {
  return [...text.matchAll(/\$\{?(\w+)/g)].some(([, name = '']) => {
    return isSecretName(name) || (/^(?:http|cookie|arg)_|^args$|^query_string$/.test(name) && !PLAIN_VARIABLE.test(name))
  })
}

/** The words of a condition that are no text to compare with: its variable, its operator, its closing bracket. */
const OPERATOR = /^(?:\(?\$\{?\w+\}?|!?=|!?~\*?|!?-[fdex]|\))$/

/** Which words of a directive may be secrets, by its name. `index` counts from the first argument. */
const SECRET_WORDS: readonly { readonly name: RegExp; readonly secret: (word: Word, index: number, words: readonly Word[]) => boolean }[] =
  [
    {
      name: /_set_header$|^auth_http_header$/,
      secret: (word, index, words) => index > 0 && isFixedHeader(words) && !/^\$\{?\w+\}?$/.test(word.text),
    },
    {
      name: /^(?:fastcgi|uwsgi|scgi)_param$|^add_(?:header|trailer)$|^set$/,
      secret: (_, index, words) => index > 0 && namesSecret(words[0]),
    },
    { name: /^secure_link_(?:md5|secret)$|^proxy_set_body$/, secret: () => true },
    {
      name: /^return$/,
      secret: (word, index, words) =>
        index > 0 && !/^30[12378]$/.test(words[0]?.text ?? '') && !/^(?:https?:\/\/|\$scheme)/.test(word.text),
    },
  ]

export function isFixedHeader(words: readonly Word[]): boolean {
  const [name, value] = words
  return name !== undefined && value !== undefined && !PLAIN_HEADER.test(name.text) && (!value.text.includes('$') || namesSecret(name))
}

/** What a condition compares a secret with. */
function comparedWithSecret({ words }: Directive): readonly Word[] {
  return words.some(({ text }) => mayCarrySecret(text)) ? words.filter(({ text }) => !OPERATOR.test(text)) : []
}

function namesSecret(word: Word | undefined): boolean {
  return word !== undefined && isSecretName(word.text)
}

/** The places of a file whose text is never shown, whatever line of it is. */
export function secretSpans(directives: readonly Directive[]): readonly Place[] {
  return directives.flatMap((directive): readonly Place[] => [
    ...(directive.lua === undefined ? [] : [directive.lua]),
    ...SECRET_WORDS.filter((row) => row.name.test(directive.name)).flatMap((row) => directive.words.filter(row.secret)),
    ...(directive.name === 'if' ? comparedWithSecret(directive) : []),
    ...(directive.name === 'env' ? directive.words.flatMap(afterEquals) : []),
    ...(directive.name === 'map' ? mapSpans(directive) : secretSpans(directive.block ?? [])),
  ])
}

/** `env NAME=value;` */
function afterEquals(word: Word): readonly Place[] {
  const at = word.text.indexOf('=')
  return at < 0 ? [] : [{ start: word.start + at + 1, end: word.end }]
}

/** `map $http_x_api_key $allowed { KEY 1; }`: what a secret is compared with stands as a directive's name. */
function mapSpans(map: Directive): readonly Place[] {
  const [from, to] = map.words
  const keys = from !== undefined && mayCarrySecret(from.text)
  const values = to !== undefined && isSecretName(to.text)
  return (map.block ?? []).flatMap((entry): readonly Place[] => [
    ...(keys ? [{ start: entry.start, end: entry.start + nameLength(entry) }] : []),
    ...(values ? entry.words : []),
  ])
}

function nameLength(entry: Directive): number {
  const first = entry.words[0]
  return (first === undefined ? entry.end : first.start) - entry.start
}
