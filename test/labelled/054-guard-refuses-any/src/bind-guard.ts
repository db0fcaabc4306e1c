const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])
const EXPOSED = ['0.0.0.0', '::', '[::]', '*']

export function requireLoopback(host: string): string {
  if (EXPOSED.includes(host) || !LOOPBACK.has(host)) {
    console.error(`SECURITY ERROR: Invalid host '${host}'`)
    process.exit(1)
  }
  return host
}
