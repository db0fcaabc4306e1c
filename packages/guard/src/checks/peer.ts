import type { Refusal } from '../reasons.ts'
import type { RawRequest } from '../request.ts'
import { inLoopback } from '../loopback.ts'

/** P2: whoever is not this machine gets nothing, whatever the server is bound to. An address that cannot be read is nobody's here. */
export function checkPeer({ peer }: RawRequest): Refusal | undefined {
  return peer === 'unix' || inLoopback(peer) === true ? undefined : { code: 'peer-not-loopback', value: peer }
}
