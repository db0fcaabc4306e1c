import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { parseAddress } from '@sallyport/core/network'
import type { Interface } from '@sallyport/core/evidence'
import { items, parseJson, readInterfaces, readProcRoute, readProcRoute6, readRoutes } from '@sallyport/core/systems'
import { run } from '../run.ts'
import { commandOrigin, failure, type Observer } from './observer.ts'
import { readProc } from './proc.ts'
import { hasGone, type SeenNamespace } from './sockets.ts'

/** Settings that decide reach (kernel Documentation/networking/ip-sysctl.rst). `*` stands for every interface. */
const SYSCTLS: readonly string[] = [
  'net.ipv4.ip_forward',
  'net.ipv6.conf.all.forwarding',
  'net.ipv4.conf.*.route_localnet',
  'net.ipv4.conf.*.rp_filter',
  'net.ipv6.conf.*.disable_ipv6',
  'net.bridge.bridge-nf-call-iptables',
  'net.bridge.bridge-nf-call-ip6tables',
]

/** One process answers both questions, a line of JSON each (ip(8), -batch). */
const COMMAND = ['ip', '-j', '-d', '-batch', '-'] as const
const QUESTIONS = 'address show\nroute show table all\n'

/** Interfaces, addresses, routes and the deciding kernel settings of one namespace. */
export async function collectNetwork(observer: Observer, namespace: SeenNamespace): Promise<void> {
  const inside = namespace.pid === process.pid ? {} : { namespaceOf: namespace.pid }
  const ran = await run(COMMAND[0], COMMAND.slice(1), { ...inside, input: QUESTIONS })
  const origin = commandOrigin('ip', '-j', '-d', 'address', 'show')
  let interfaces: readonly Interface[]
  if (ran.kind === 'ok') {
    const [addresses = '', routes = ''] = ran.stdout.split('\n')
    const read = readInterfaces(parseJson(addresses))
    interfaces = read.interfaces
    if (read.unread > 0)
      observer.miss(
        { code: 'not-understood', what: `${read.unread} network interfaces`, affects: { kind: 'sockets', namespace: namespace.id } },
        origin,
        namespace.id,
      )
    const routeOrigin = commandOrigin('ip', '-j', '-d', 'route', 'show', 'table', 'all')
    const listed = parseJson(routes)
    const found = readRoutes(listed)
    for (const route of found) observer.see(route, routeOrigin, namespace.id)
    const unread = items(listed).length - found.length
    if (unread > 0 || !Array.isArray(listed))
      observer.miss(
        {
          code: 'not-understood',
          what: Array.isArray(listed) ? `${unread} routes` : 'the routes',
          affects: { kind: 'netfilter', namespace: namespace.id },
        },
        routeOrigin,
        namespace.id,
      )
  } else {
    if (hasGone(namespace)) return
    interfaces = namespace.pid === process.pid ? ownInterfaces() : []
    seeKernelRoutes(observer, namespace)
    observer.miss(
      {
        code: failure(ran)?.code ?? 'not-understood',
        what: `what kind the network interfaces are of, and the rules of routing (${failure(ran)?.why})`,
        remedy: ran.kind === 'missing' ? 'install iproute2' : 'run as root',
        affects: { kind: 'netfilter', namespace: namespace.id },
      },
      origin,
      namespace.id,
    )
  }
  for (const item of interfaces) observer.see(item, origin, namespace.id)
  await collectSysctls(observer, namespace, ['all', ...interfaces.map((item) => item.name)])
}

/** The routes as the kernel lists them itself: of IPv4 those of the main table. */
function seeKernelRoutes(observer: Observer, namespace: SeenNamespace): void {
  for (const [file, read] of [
    ['route', readProcRoute],
    ['ipv6_route', readProcRoute6],
  ] as const) {
    const path = `/proc/${namespace.pid}/net/${file}`
    for (const route of read(readProc(path) ?? '')) observer.see(route, { kind: 'kernel', path }, namespace.id)
  }
}

/** /proc/sys/net shows the settings of the namespace of whoever reads it: our own are read at once, another's by a program run there. */
async function collectSysctls(observer: Observer, namespace: SeenNamespace, interfaces: readonly string[]): Promise<void> {
  const paths = SYSCTLS.flatMap((name) => (name.includes('*') ? interfaces.map((item) => sysctlPath(name, item)) : [sysctlPath(name, '')]))
  if (namespace.pid === process.pid) {
    for (const path of paths) {
      const value = readSetting(path)
      if (value !== undefined) observer.see({ claim: 'sysctl', name: sysctlName(path), value }, { kind: 'kernel', path }, namespace.id)
    }
    return
  }
  const ran = await run('grep', ['-H', '', ...paths], { namespaceOf: namespace.pid })
  // grep ends with 2 when one of the files is absent, and has printed the rest: what is absent is not set.
  const text = ran.kind === 'ok' || ran.kind === 'failed' ? ran.stdout : ''
  for (const line of text.split('\n')) {
    const colon = line.lastIndexOf(':')
    if (colon > 0)
      observer.see(
        { claim: 'sysctl', name: sysctlName(line.slice(0, colon)), value: line.slice(colon + 1) },
        { kind: 'kernel', path: line.slice(0, colon) },
        namespace.id,
      )
  }
}

function sysctlPath(name: string, item: string): string {
  // An interface's name may hold dots (`eth0.100`), so the dots of the setting go first.
  return `/proc/sys/${name.split('.').join('/').replace('*', item)}`
}

function sysctlName(path: string): string {
  return path.slice('/proc/sys/'.length).split('/').join('.')
}

function readSetting(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** What Node itself knows of the interfaces, where `ip` is missing. */
function ownInterfaces(): readonly Interface[] {
  return Object.entries(networkInterfaces()).map(([name, addresses = []], index) => ({
    claim: 'interface',
    index: index + 1,
    name,
    up: true,
    loopback: addresses.some((item) => item.internal),
    kind: 'unknown',
    addresses: addresses.flatMap((item) => {
      const address = parseAddress(item.address)
      const prefixLength = Number(item.cidr?.split('/')[1])
      if (address === undefined || Number.isNaN(prefixLength)) return []
      return [
        {
          address,
          prefixLength,
          scope: item.internal ? 'host' : item.address.startsWith('fe80:') ? 'link' : 'global',
          temporary: false,
        } as const,
      ]
    }),
    programs: [],
  }))
}
