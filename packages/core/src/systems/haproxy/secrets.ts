import type { Place } from '../blanked.ts'
import type { Line } from './parse.ts'

/** Headers whose fixed value is no secret; any other may be a key that the back end asks for. */
const PLAIN_HEADER =
  /^(?:host|connection|upgrade|x-forwarded-[a-z]+|x-real-ip|forwarded|via|range|origin|referer|(?:if|accept|content|cache|sec|access-control|strict)(?:-[a-z-]+)?|user-agent|x-request-id|x-ssl[a-z-]*|x-client[a-z-]*)$/i

/** The places of a file whose text is never shown, whatever line of it is: passwords of users and of the statistics, what is compared with a header, what is set as one. */
export function secretSpans(lines: readonly Line[]): readonly Place[] {
  return lines.flatMap((line) => [...credentials(line), ...header(line), ...compared(line)])
}

function credentials({ keyword, words }: Line): readonly Place[] {
  const texts = words.map(({ text }) => text)
  // `user NAME password|insecure-password WORD`, `stats auth USER:PASSWORD`; `setenv` of whatever name.
  const at = texts.findIndex((text) => /password$|^(?:ca-sign-pass|key-base)$/.test(text))
  if (at >= 0) return words.slice(at + 1, at + 2)
  if (keyword === 'stats' && texts[0] === 'auth') return words.slice(1)
  if (keyword === 'setenv' || keyword === 'presetenv') return words.slice(1)
  return []
}

/** `http-request set-header NAME VALUE`. */
function header({ words }: Line): readonly Place[] {
  const [action, name, value] = words
  if (action === undefined || name === undefined || value === undefined || !/^(?:set|add|replace)-header$/.test(action.text)) return []
  return PLAIN_HEADER.test(name.text) || value.text.startsWith('%') ? [] : [value]
}

/** `hdr(x-api-key) -m str KEY`: from a header or a cookie on, every word. */
function compared({ words }: Line): readonly Place[] {
  return words.flatMap((word, index) => {
    const name = /(?:hdr|fhdr|cook|urlp|url_param|hdr_[a-z]+)\(([^)]*)\)/.exec(word.text)?.[1]
    if (name === undefined || PLAIN_HEADER.test(name)) return []
    const rest = words.slice(index + 1)
    const end = rest.findIndex(({ text }) => text === '}' || text === 'if' || text === 'unless')
    return (end < 0 ? rest : rest.slice(0, end)).filter(({ text }) => !text.startsWith('-'))
  })
}
