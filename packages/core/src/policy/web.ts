import { parseAddress } from '../network/index.ts'
import type { Problem } from './diagnostic.ts'
import { code, found, quoted } from './found.ts'

/** RFC 9110 §4.2: browsers leave the scheme's own port out of the origin. */
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** Why a value is not a web origin as browsers send it (RFC 6454 §6.2). `undefined`: it is one. Linear in the length of the text. */
export function explainOrigin(value: unknown): Problem | undefined {
  const example = 'write scheme, host and port, such as `http://localhost:3000`'
  if (typeof value !== 'string') return { code: 'invalid-origin', message: `${found(value)} is not a web origin`, hint: example }
  const problem = (message: string, hint: string): Problem => ({ code: 'invalid-origin', message: `${quoted(value)} ${message}`, hint })
  if (value.includes('*')) return problem('allows any web page to call', 'list the origins one by one')
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(\[[^\]/?#@]*\]|[^:/?#@[\]\\\s]+)(?::([^/?#@]*))?(.*)$/s.exec(value)
  if (parts === null) return problem('is not a web origin', example)
  const [, scheme = '', host = '', port, rest = ''] = parts
  const bare = `${scheme}://${host}`.toLowerCase()
  if (port !== undefined && !(/^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65535)) return problem('has no valid port', example)
  const canonical = port === undefined || port === DEFAULT_PORTS[scheme.toLowerCase()] ? bare : `${bare}:${port}`
  const numeric = /^[0-9.]+$/.test(host)
  const address = host.startsWith('[') ? host.slice(1, -1) : host
  if ((numeric || host.startsWith('[')) && parseAddress(address) === undefined) return problem('has no valid address', example)
  if (!numeric && !host.startsWith('[') && !/^[A-Za-z0-9._-]+$/.test(host)) return problem('has no valid host', example)
  if (rest.includes('@')) return problem('names a user', example)
  if (rest !== '') return problem('has more than scheme, host and port', `write ${code(canonical)}`)
  return value === canonical ? undefined : problem('is not as browsers send it', `write ${code(canonical)}`)
}

export function explainDomain(value: unknown): Problem {
  const hint =
    typeof value === 'string' && /[^\u0000-\u007f]/.test(value)
      ? 'write an international name in its ASCII form (xn--…)'
      : typeof value === 'string' && /[:/]/.test(value)
        ? 'write the name alone, without https:// or a port'
        : 'write a name such as `domain: example.com`'
  return { code: 'invalid-domain', message: `${found(value)} is not a domain name`, hint }
}
