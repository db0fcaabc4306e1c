import { FAMILIES, sameAddress } from '@sallyport/core/network'
import type { Claim, Interface } from '@sallyport/core/evidence'
import {
  parseIpJson,
  readInterfaces,
  readKernelInterfaces,
  readProcRoute,
  readProcRoute6,
  readRoutes,
  readRules,
} from '@sallyport/core/systems'
import { bpfDevices, type BpfPrograms } from './bpf.ts'
import { trafficControl } from './traffic-control.ts'
import { hasGone, type SeenNamespace } from './namespaces.ts'
import { commandOrigin, count, failure, type Observer } from './observer.ts'

/** One process answers all questions, a line of JSON each (ip(8), -batch); the rules of IPv6 have to be asked for by another. */
const COMMAND = ['ip', '-j', '-d', '-batch', '-'] as const
const QUESTIONS = 'address show\nroute show table all\nmaddress show\nrule show\n'
const RULES_OF_6 = ['-6', '-j', 'rule', 'show'] as const

/** Interfaces, addresses, routes, and the rules that choose among them, of one namespace. `isFed`: see PodmanProcesses.feeds. */
export async function collectNetwork(
  observer: Observer,
  namespace: SeenNamespace,
  programs: Promise<BpfPrograms>,
  isFed: boolean,
): Promise<void> {
  const [ran, rulesOf6, controlled, shown, attached] = await Promise.all([
    namespace.shell.run(COMMAND[0], COMMAND.slice(1), QUESTIONS),
    namespace.shell.run(COMMAND[0], RULES_OF_6),
    trafficControl(namespace),
    bpfDevices(namespace.shell),
    programs,
  ])
  if (ran.kind !== 'ok' && hasGone(namespace)) return
  const origin = commandOrigin('ip', '-j', '-d', 'address', 'show')
  const [addresses = '', routes = '', groups = '', rules = ''] = ran.kind === 'ok' ? ran.stdout.split('\n') : []
  const listed = parseIpJson(addresses)
  const read = readInterfaces(listed, parseIpJson(groups))
  const interfaces = read.unread === 0 ? read.interfaces : completed(read.interfaces, kernelInterfaces(namespace))
  for (const item of interfaces) {
    const past = [...attached.on(namespace.id, item.index), ...[shown.get(item.name) ?? []].flat()]
    const all = new Set([...item.programs, ...(controlled.has(item.name) ? ['tc'] : []), ...past])
    const kind = isFed && item.kind === 'tun' ? 'user-mode' : item.kind
    observer.see({ ...item, kind, programs: [...all] }, origin, namespace.id)
  }
  if (ran.kind === 'ok') {
    if (read.unread > 0)
      observer.miss(
        {
          code: 'not-understood',
          what: Array.isArray(listed)
            ? `${count(read.unread, 'network interface')} that could not be read`
            : 'the network interfaces, which could not be read',
          affects: { kind: 'network', namespace: namespace.id },
        },
        origin,
        namespace.id,
      )
    const found = readRoutes(parseIpJson(routes))
    seeRouting(observer, namespace, 'route', 'routes', found.routes, found.unread)
    // A kernel without policy routing, or without IPv6, has no rules to print.
    const printed = { 4: rules, 6: rulesOf6.kind === 'ok' ? rulesOf6.stdout : rulesOf6.kind === 'failed' ? '' : 'unanswered' }
    for (const family of FAMILIES) {
      if (printed[family].trim() === '') continue
      const policy = readRules(parseIpJson(printed[family]), family)
      seeRouting(observer, namespace, 'rule', 'rules of routing', policy.rules, policy.unread)
    }
  } else {
    seeKernelRoutes(observer, namespace)
    const { code, why, remedy } = failure(ran, 'iproute2')
    observer.miss(
      {
        code,
        what: `what kind the network interfaces are of, and the rules of routing (${why})`,
        ...remedy,
        // Without an interface nothing could come in; and of tables beyond the main one it is not known who comes by them.
        affects: { kind: interfaces.length === 0 || hasMoreTables(namespace) ? 'network' : 'netfilter', namespace: namespace.id },
      },
      origin,
      namespace.id,
    )
  }
}

/** The interfaces as the kernel lists them itself. */
function kernelInterfaces(namespace: SeenNamespace): readonly Interface[] {
  const text = (name: string): string => namespace.table(name).text ?? ''
  return readKernelInterfaces({ dev: text('dev'), if_inet6: text('if_inet6'), fib_trie: text('fib_trie'), route: text('route') })
}

/** Tables of routes beyond those that every namespace has (net/ipv4/fib_trie.c, fib_table_print). */
function hasMoreTables(namespace: SeenNamespace): boolean {
  return /^Id \d+:/m.test(namespace.table('fib_trie').text ?? '')
}

/** What was read, with what the kernel knows beyond it: interfaces, and addresses of those that are in both. */
function completed(read: readonly Interface[], kernel: readonly Interface[]): readonly Interface[] {
  const known = new Map(kernel.map((item) => [item.name, item]))
  const more = read.map((item) => {
    const others = known.get(item.name)?.addresses ?? []
    known.delete(item.name)
    const unread = others.filter(({ address }) => !item.addresses.some((own) => sameAddress(own.address, address)))
    return unread.length === 0 ? item : { ...item, addresses: [...item.addresses, ...unread] }
  })
  return [...more, ...known.values()]
}

/** What `ip` lists of routing; what of it could not be read leaves every verdict of the namespace open. */
function seeRouting(
  observer: Observer,
  namespace: SeenNamespace,
  object: 'route' | 'rule',
  what: string,
  claims: readonly Claim[],
  unread: number,
): void {
  const origin = commandOrigin('ip', '-j', '-d', object, 'show', ...(object === 'route' ? ['table', 'all'] : []))
  for (const claim of claims) observer.see(claim, origin, namespace.id)
  if (unread > 0)
    observer.miss(
      {
        code: 'not-understood',
        what: `${unread} of the ${what}, which could not be read`,
        affects: { kind: 'network', namespace: namespace.id },
      },
      origin,
      namespace.id,
    )
}

/** The routes as the kernel lists them itself: of IPv4 those of the main table. */
function seeKernelRoutes(observer: Observer, namespace: SeenNamespace): void {
  for (const [file, read] of [
    ['route', readProcRoute],
    ['ipv6_route', readProcRoute6],
  ] as const) {
    const { path, text } = namespace.table(file)
    for (const route of read(text ?? '')) observer.see(route, { kind: 'kernel', path }, namespace.id)
  }
}
