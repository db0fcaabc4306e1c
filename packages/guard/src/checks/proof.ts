import { headerValues } from '../access/header-values.ts'
import { KeyRing } from '../access/key-ring.ts'
import type { Refusal } from '../reasons.ts'
import type { RawRequest } from '../request.ts'

/** Behind a proxy: its own proof, once. A request without it came past the proxy, and past everything that the proxy checks. */
export function checkProof(header: string, keys: readonly string[]): (request: RawRequest) => Refusal | undefined {
  const ring = new KeyRing('behind.keys', { proxy: keys })
  return ({ headers }) => {
    const values = headerValues(headers, header)
    const [key] = values
    if (key !== undefined && values.length === 1 && ring.callerOf(key) !== undefined) return undefined
    return { code: 'proof-missing', value: key === undefined ? `no ${header}` : values.length > 1 ? `${header} twice` : `wrong ${header}` }
  }
}
