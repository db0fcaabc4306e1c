import { GuardError } from './failure.ts'
import { inLoopback } from './loopback.ts'

/** What `API_HOST` and `API_PORT` are when nothing is said. */
export const DEFAULT_HOST = '127.0.0.1'
export const DEFAULT_PORT = 8000

/**
 * Throws unless a server that binds the host can be reached by this machine alone: `localhost`, 127.0.0.0/8, `::1` (with or without brackets).
 * Call it before the server starts. Other names are not resolved: what one means today, it need not mean tomorrow.
 *
 * @throws GuardError `host-exposed` for an address that others can reach, `host-unknown` for what is neither an address nor a loopback name.
 */
export function validateServerHost(host: string): void {
  if (host.toLowerCase() === 'localhost') return
  const verdict = inLoopback(host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host)
  if (verdict === true) return
  // P8's words. Escaped as JSON is, so that no host ends the line.
  const shown = `'${JSON.stringify(host.length > 100 ? `${host.slice(0, 100)}…` : host).slice(1, -1)}'`
  if (verdict === undefined) throw new GuardError('host-unknown', `Invalid host ${shown}: not an address. Use 127.0.0.1, localhost or ::1.`)
  throw new GuardError('host-exposed', `Invalid host ${shown}: other machines could reach it. Use 127.0.0.1, localhost or ::1.`)
}

/** A TCP port, 0 to 65535; 0 lets the kernel choose. */
export function validPort(value: number | string): number {
  const port = typeof value === 'number' ? value : /^[0-9]{1,5}$/.test(value) ? Number(value) : Number.NaN
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  throw new GuardError('port-invalid', `Invalid port ${JSON.stringify(value)}: a port is a number from 0 to 65535.`)
}
