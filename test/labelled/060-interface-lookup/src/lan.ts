import { networkInterfaces } from 'node:os'

/** First IPv4 address of this machine that is not 127.x, else loopback. */
export function lanAddress(): string {
  for (const entries of Object.values(networkInterfaces())) {
    const found = entries?.find((entry) => entry.family === 'IPv4' && !entry.address.startsWith('127.'))
    if (found) return found.address
  }
  return '127.0.0.1'
}
