import { hostBeforePort } from '../../network/index.ts'
import { cut, isLiteral, type Template } from './template.ts'

/**
 * An endpoint in Twisted's words as `host:port`: `tcp:8000`, `tcp:port=8000:interface=127.0.0.1`, `ssl:443:privateKey=key.pem`. Without an
 * interface it is every address (twisted/internet/endpoints.py: _parseTCP, _parseSSL). Sockets of the file system and descriptors stay as
 * they are written.
 */
export function endpointDescribed(word: Template): readonly Template[] {
  const [kind = '', ...fields] = word.text.split(UNESCAPED).map((field) => field.replaceAll(/\\(.)/gs, '$1'))
  // A word that is not known says neither of both.
  if (!isLiteral(kind)) return [cut(word, `${kind}:${kind}`)]
  if (/^(?:unix|fd|systemd|stdio)$/.test(kind)) return [cut(word, `unix:${fields[0] ?? ''}`)]
  const named = (name: string): string | undefined => fields.findLast((field) => field.startsWith(`${name}=`))?.slice(name.length + 1)
  const [first] = fields
  const port = named('port') ?? (first?.includes('=') === true ? undefined : first) ?? ''
  const host = named('interface') ?? ''
  const every = kind === 'tcp6' ? '::' : '0.0.0.0'
  const address = host === '' ? every : host
  return [cut(word, `${hostBeforePort(address)}:${port}`)]
}

/** Colons that part fields: one behind a backslash belongs to its field. */
const UNESCAPED = /(?<!\\):/
