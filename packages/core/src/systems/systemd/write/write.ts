import { type AddressSet, formatAddress, isEmpty, prefixesOf, rangeSet, unionOf } from '../../../network/index.ts'
import type { HostName, Policy, Service } from '../../../policy/index.ts'
import { type Admitted, admittedTo, listenAddress } from '../../admitted.ts'
import { listenVariables } from '../../managed.ts'
import { Unwritable } from '../../unwritable.ts'
import type { WriteOptions, Writer, Written, WrittenFile } from '../../write.ts'
import { madeFor, writtenFor } from '../../written-hosts.ts'
import { compareSystemd } from './compare.ts'

/** A drop-in for each service that the policy says a unit runs: the unit stays whose it is. */
function writeSystemd(policy: Policy, options: WriteOptions): Written {
  return writtenFor(
    policy,
    options,
    (host) => {
      const services = [...policy.services.values()].filter(
        ({ name, hosts, run }) => hosts.includes(host) && (options.service === undefined ? run.by === 'systemd' : name === options.service),
      )
      const admitted = services.map((service) => ({ service, who: admittedTo(service, host, policy, options.links) }))
      return {
        files: admitted.map(({ service, who }) => dropIn(service, who, host, policy)),
        notes: [
          ...new Set(admitted.flatMap(({ who }) => who.notes)),
          ...(admitted.some(({ who }) => who.kind !== 'everybody')
            ? ['IPAddressDeny= stops what a service sends, too: add IPAddressAllow= for what it calls that the policy does not name']
            : []),
          'ProtectSystem=strict lets a service write below /var/lib/NAME and /var/log/NAME alone: add ReadWritePaths= for other folders',
        ],
      }
    },
    { why: 'no service of the policy is run by systemd', next: 'say which are: `run: { systemd: NAME.service }`, or name one' },
  )
}

function dropIn(service: Service, who: Admitted, host: HostName, policy: Policy): WrittenFile {
  const unit = unitOf(service)
  const lines = [
    ...madeFor(policy, host, `what ${service.name} may do`).map((line) => `# ${line}`),
    '[Service]',
    ...[...listenVariables(service, listenAddress(service, host, policy))].map(([name, value]) => `Environment=${assigned(name, value)}`),
    '',
    '# No port but its own (systemd 249, cgroup v2).',
    'SocketBindDeny=any',
    ...service.protocols.flatMap((protocol) =>
      service.ports.map(({ first, last }) => `SocketBindAllow=${protocol}:${first === last ? first : `${first}-${last}`}`),
    ),
    ...addressLines(service, who, host, policy),
    '',
    ...hardening(service, unit.replace(/\.service$/, '')),
    '',
  ]
  return { path: `/etc/systemd/system/${unit}.d/50-sallyport.conf`, text: lines.join('\n') }
}

/** systemd.unit(5): letters, digits and `:-_.\@`; it becomes the name of a folder. */
function unitOf({ name, run }: Service): string {
  const unit = run.by === 'systemd' ? run.name : name
  if (!/^[A-Za-z0-9:_@\\-][A-Za-z0-9:_.@\\-]{0,200}$/.test(unit))
    throw new Unwritable(`${unit} is no name of a unit`, 'write `run: { systemd: NAME.service }`')
  return unit.endsWith('.service') ? unit : `${unit}.service`
}

/** Quoted, with the signs of systemd.exec(5) and its specifiers taken for what they are. */
function assigned(name: string, value: string): string {
  return `"${name}=${value.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`
}

/** Both ways: who comes, and whom the policy says that it calls. */
function addressLines(service: Service, who: Admitted, host: HostName, policy: Policy): readonly string[] {
  if (who.kind === 'everybody') return []
  const addresses = unionOf([who.addresses, calledBy(service, host, policy)])
  return [
    '',
    '# Nobody else’s packets, in or out.',
    'IPAddressDeny=any',
    'IPAddressAllow=localhost',
    ...(isEmpty(addresses) ? [] : prefixesOf(addresses).map(({ address, length }) => `IPAddressAllow=${formatAddress(address)}/${length}`)),
  ]
}

/** Hosts of services that let this one in by name, or by its host's, and of those that its routes lead to. */
function calledBy(service: Service, host: HostName, policy: Policy): AddressSet {
  const targets = [...policy.services.values()].filter(
    ({ name, from }) =>
      service.routes.some((route) => route.service === name) ||
      from.some((ref) => (ref.kind === 'service' && ref.name === service.name) || (ref.kind === 'host' && ref.name === host)),
  )
  const hosts = new Set(targets.flatMap((target) => target.hosts).filter((name) => name !== host))
  return rangeSet(
    [...hosts].flatMap((name) => (policy.hosts.get(name)?.addresses ?? []).map(({ value }) => ({ first: value, last: value }))),
  )
}

/** systemd.exec(5). Without MemoryDenyWriteExecute=, which stops every program that compiles while it runs, Node and Python among them. */
function hardening({ ports }: Service, name: string): readonly string[] {
  const isPrivileged = ports.some(({ first }) => first < 1024)
  return [
    'NoNewPrivileges=yes',
    ...(isPrivileged
      ? ['CapabilityBoundingSet=CAP_NET_BIND_SERVICE', 'AmbientCapabilities=CAP_NET_BIND_SERVICE']
      : ['CapabilityBoundingSet=', 'AmbientCapabilities=']),
    'ProtectSystem=strict',
    `StateDirectory=${name}`,
    `LogsDirectory=${name}`,
    'ProtectHome=read-only',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectControlGroups=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'ProtectProc=invisible',
    // Netlink is how a program lists its interfaces.
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'RemoveIPC=yes',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallErrorNumber=EPERM',
    'UMask=0077',
  ]
}

export const writer: Writer = { write: writeSystemd, compare: compareSystemd }
