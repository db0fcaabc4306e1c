import type { Refusal } from '../reasons.ts'
import { type Facts, nameOf, type RawRequest } from '../request.ts'
import type { Settings } from '../settings.ts'

/** The names under which a machine talks to itself. `0.0.0.0` is none: it connects to this machine, and pages of other sites may ask for it. */
const OWN_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** The `Host` texts that are accepted on one port: with the port, and without it where it is the scheme's own (RFC 9110 §4.2.1, §4.2.2). */
export function allowedNames(hosts: readonly string[], port: number, encrypted: boolean): readonly string[] {
  const standard = encrypted ? 443 : 80
  return [...OWN_NAMES, ...hosts].flatMap((name) => {
    if (/:[0-9]+$/.test(name)) return name.endsWith(`:${standard}`) ? [name, name.slice(0, -String(standard).length - 1)] : [name]
    // A socket of the file system has no port: whatever stands in front of it decides.
    return port === standard || port === 0 ? [name, `${name}:${standard}`] : [`${name}:${port}`]
  })
}

/**
 * P7: a page whose name was made to mean this machine still sends its own name. Compared as text: every parser of addresses that was tried took
 * some text for an address that it is not.
 */
export function checkName(request: RawRequest, facts: Facts, settings: Settings): Refusal | undefined {
  const name = nameOf(request, facts)
  const allowed = settings.names(request.port, request.encrypted)
  return allowed.includes(name) || allowed.includes(name.toLowerCase()) ? undefined : { code: 'host-not-allowed', value: name }
}
