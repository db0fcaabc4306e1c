import type { Refusal } from '../reasons.ts'
import type { Facts, RawRequest } from '../request.ts'
import type { Settings } from '../settings.ts'

/** What would leave HTTP: past the upgrade nothing is checked any more. */
export function checkUpgrade(request: RawRequest, facts: Facts, settings: Settings): Refusal | undefined {
  if (!request.upgrade) return request.method === 'CONNECT' ? { code: 'method-connect', value: request.target } : undefined
  const asked = facts.protocol ?? facts.upgrade ?? ''
  if (!settings.upgrades.has(asked.toLowerCase())) return { code: 'upgrade-unknown', value: asked }
  // RFC 6455 §4.1: a WebSocket is asked for by GET; by CONNECT only where `:protocol` says so (RFC 8441 §4).
  const method = facts.protocol === undefined ? 'GET' : 'CONNECT'
  if (request.method !== method) return { code: 'upgrade-unknown', value: `${request.method} ${asked}` }
  if (facts.origin !== undefined || settings.upgradesWithoutOrigin === 'allow') return undefined
  const refused = settings.upgradesWithoutOrigin === 'refuse' || facts.cookie
  return refused ? { code: 'upgrade-without-origin', value: facts.cookie ? 'with a cookie' : '' } : undefined
}
