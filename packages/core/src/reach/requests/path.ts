/**
 * The path by which nginx chooses a location, from a request target (`ngx_http_parse_complex_uri`, with `merge_slashes on`):
 * query and fragment cut off, percent escapes decoded, `.` and `..` resolved, slashes merged. Escaped `/` and `.` count as if they
 * were written. `undefined`: nginx answers 400.
 */
export function requestPath(target: string): string | undefined {
  if (/[\u0000-\u0020\u007f]/.test(target)) return undefined
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target)
  const rest = absolute === null ? target : target.slice(absolute[0].length)
  const path = absolute !== null && !rest.startsWith('/') ? `/${rest}` : rest
  if (!path.startsWith('/')) return undefined
  const decoded = decode(path.replace(/[?#][^]*$/, ''))
  return decoded === undefined ? undefined : resolveDots(decoded)
}

function decode(path: string): string | undefined {
  if (/%(?![0-9a-f]{2})|%00/i.test(path)) return undefined
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      // Not UTF-8: each byte for itself.
      return run.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    }
  })
}

function resolveDots(path: string): string | undefined {
  const kept: string[] = []
  const parts = path.split('/').slice(1)
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1
    if (part === '..' && kept.pop() === undefined) return undefined
    if (part !== '' && part !== '.' && part !== '..') kept.push(part)
    else if (last) kept.push('')
  }
  return `/${kept.join('/')}`
}
