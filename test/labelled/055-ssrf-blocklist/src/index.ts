import { isBlocked } from './blocklist.js'

/**
 * Fetch which refuses addresses of this machine.
 *
 * @example
 * await safeFetch('http://0.0.0.0:8080/') // throws
 */
export async function safeFetch(input: string, init?: RequestInit): Promise<Response> {
  const { hostname } = new URL(input)
  if (isBlocked(hostname)) throw new TypeError(`refused: ${hostname}`)
  return fetch(input, init)
}
