/**
 * A path of the policy, which is written as in a URL, as nginx compares it: decoded once. `undefined`: no request ever has it, since nginx
 * merges slashes and takes out dot segments before it compares (`ngx_http_parse_complex_uri`).
 */
export function routedPath(path: string): string | undefined {
  const decoded = decode(path)
  if (decoded === undefined || /[\u0000-\u001f\u007f\\#]/.test(decoded)) return undefined
  return /\/\/|\/\.{1,2}(?:\/|$)/.test(decoded) ? undefined : decoded
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
