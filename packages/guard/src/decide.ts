import { checkForm } from './checks/form.ts'
import { checkName } from './checks/name.ts'
import { checkOrigin } from './checks/origin.ts'
import { checkPeer } from './checks/peer.ts'
import { checkUpgrade } from './checks/upgrade.ts'
import type { Refusal } from './reasons.ts'
import type { Facts, RawRequest } from './request.ts'
import type { Settings } from './settings.ts'

/**
 * What is wrong with a request, the first of it, or `undefined`: everything that its head alone decides. The order is that of trust: nothing of a
 * request is used before what it rests on has been checked.
 */
export function decide(request: RawRequest, facts: Facts, settings: Settings): Refusal | undefined {
  return (
    checkPeer(request) ??
    settings.proof?.(request) ??
    checkForm(request, facts, settings.encodedSlash) ??
    checkProxied(facts, settings) ??
    checkName(request, facts, settings) ??
    checkOrigin(request, facts, settings) ??
    checkUpgrade(request, facts, settings)
  )
}

/** P3: by presence, for an empty one was sent by somebody too; and of what is announced to come after the body. */
function checkProxied(facts: Facts, settings: Settings): Refusal | undefined {
  if (facts.proxied !== undefined) return { code: 'proxy-header', value: facts.proxied }
  const announced = facts.trailer?.split(',').find((name) => settings.reader.isProxiedTrailer(name.trim()))
  return announced === undefined ? undefined : { code: 'proxy-trailer', value: announced.trim() }
}
