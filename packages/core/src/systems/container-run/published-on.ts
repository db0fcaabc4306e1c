/**
 * The short form of a published port, `[IP:][HOST:]CONTAINER[/PROTOCOL]`, with that IPv4 address in place of its own; everything else stays as
 * it is written. `undefined`: what gives the address is not written there.
 */
export function publishedOn(written: string, address: string): string | undefined {
  // Colons in `${PORT:-8001}` are none of the port's.
  const masked = written.replaceAll(/\$\{[^}]*\}/g, (variable) => 'v'.repeat(variable.length))
  const last = masked.lastIndexOf(':')
  // A variable alone may hold all of it.
  if (last < 0) return /^\d/.test(masked) ? `${address}::${written}` : undefined
  const middle = masked.lastIndexOf(':', last - 1)
  if (middle < 0) return `${address}:${written}`
  const own = written.slice(0, middle)
  if (/^(?:127\.[\d.]+|\[?::1\]?)$/.test(own)) return written
  if (!own.includes('$')) return `${address}${written.slice(middle)}`
  const fallback = /^(\$\{\w+:?-)(\[?::\]?|0\.0\.0\.0|\*)?\}$/.exec(own)
  return fallback === null ? undefined : `${fallback[1]}${address}}${written.slice(middle)}`
}

/** moby#45610: their rules let through whoever has a route to the container's own address. */
export const OLDER_ENGINES = 'Docker before 28 lets neighbours of this machine come to a port that is published on 127.0.0.1 all the same'
