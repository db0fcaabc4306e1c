import { formatAddress } from '../network/index.ts'
import { readAddress } from './addresses.ts'
import { code, quoted } from './found.ts'
import { type Host, type HostName, type Located, THIS_HOST } from './policy.ts'
import type { Authored } from './schema.ts'
import type { Item, Scope } from './scope.ts'

/** The hosts that the policy declares. */
export function resolveHosts(authored: Authored, scope: Scope): Map<HostName, Host> {
  const hosts = new Map<HostName, Host>()
  const taken = new Map<string, HostName>()
  for (const [name, value] of Object.entries(authored.hosts ?? {})) {
    const path = ['hosts', name]
    const located = (item: Item<string>): Located<string> => ({ value: item.value, origin: scope.origin(item.path) })
    const addresses = scope.items(value.address, [...path, 'address']).flatMap((item) => {
      const address = readAddress(item.value)
      if ('code' in address) {
        scope.report(item.path, address)
        return []
      }
      const text = formatAddress(address)
      const other = taken.get(text)
      if (other !== undefined) {
        const message = `${text} is already an address of ${quoted(other)}`
        scope.report(item.path, { code: 'repeated', message, hint: 'give each host an address of its own, or make one host of the two' })
      } else taken.set(text, name)
      return [{ value: address, origin: scope.origin(item.path) }]
    })
    hosts.set(name, {
      name,
      addresses,
      upstream: value.upstream ?? 'unknown',
      managed: value.managed,
      aws: {
        securityGroups: scope.items(value.aws?.securityGroup, [...path, 'aws', 'securityGroup']).map(located),
        instance: value.aws?.instance,
        identifier: value.aws?.identifier,
      },
      origin: scope.origin(path),
    })
  }
  return hosts
}

/** Where a service runs; reported when the policy names hosts and not this one. */
export function resolvePlacement(name: string, host: string | readonly string[] | undefined, scope: Scope): readonly HostName[] {
  const hosts = scope.names('host')
  if (host === undefined && hosts.length > 0) {
    const hint = `add ${code(`host: ${hosts[0]}`)}, or ${code(`host: ${THIS_HOST}`)} for this machine`
    scope.report(['services', name], {
      code: 'host-missing',
      message: `the policy names hosts, and ${quoted(name)} does not say where it runs`,
      hint,
    })
  }
  if (host === undefined) return [THIS_HOST]
  return scope
    .items(host, ['services', name, 'host'])
    .filter((item) => item.value === THIS_HOST || scope.expectName(item.value, item.path, 'host'))
    .map((item) => item.value)
}

/** This machine, where services run on it and the policy says no more of it. */
export function thisHost(origin: Host['origin']): Host {
  return {
    name: THIS_HOST,
    addresses: [],
    upstream: 'unknown',
    managed: undefined,
    aws: { securityGroups: [], instance: undefined, identifier: undefined },
    origin,
  }
}
