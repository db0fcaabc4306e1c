import { type Address, BITS, parseAddress, prefixRange } from '../../network/index.ts'
import type { Interface, InterfaceAddress } from '../../evidence/index.ts'
import { readProcRoute } from './proc-route.ts'

/** The texts of one network namespace, by their names below /proc/PID/net. */
export interface KernelTables {
  readonly dev: string
  readonly if_inet6: string
  readonly fib_trie: string
  readonly route: string
}

/**
 * The interfaces of a network namespace as the kernel lists them itself, for where ip(8) gives no answer. All are there, with all
 * addresses; not told are their kinds and masters, and whether they are up: they are taken to be.
 */
export function readKernelInterfaces({ dev, if_inet6, fib_trie, route }: KernelTables): readonly Interface[] {
  const addresses = new Map<string, InterfaceAddress[]>(namesOf(dev).map((name) => [name, []]))
  const indexes = new Map<string, number>()
  for (const { name, index, address } of readInet6(if_inet6)) {
    indexes.set(name, index)
    addresses.get(name)?.push(address)
  }
  const links = readProcRoute(route).filter((each) => each.gateway === undefined && each.device !== undefined)
  for (const address of localAddresses(fib_trie)) {
    const link = links
      .filter(({ destination }) => holds(destination, address))
      .toSorted((a, b) => b.destination.prefixLength - a.destination.prefixLength)[0]
    // An address without a network of its own may be anywhere; the machine takes its packets at every interface.
    const prefixLength = link?.destination.prefixLength ?? BITS[4]
    addresses.get(link?.device ?? LOOPBACK)?.push({ address, prefixLength, scope: 'global', temporary: false })
  }
  return [...addresses].map(([name, own]) => ({
    claim: 'interface',
    index: indexes.get(name) ?? 0,
    name,
    up: true,
    loopback: name === LOOPBACK,
    kind: 'unknown',
    addresses: own,
    programs: [],
  }))
}

/** The kernel gives every namespace one of this name, and no other interface can have it. */
const LOOPBACK = 'lo'

/** net/core/net-procfs.c, dev_seq_printf_stats. A name holds no colon. */
function namesOf(dev: string): readonly string[] {
  return dev.split('\n').flatMap((line) => /^ *([^ :]{1,15}):/.exec(line)?.[1] ?? [])
}

/** net/ipv6/addrconf.c, if6_seq_show. */
function readInet6(text: string): readonly { readonly name: string; readonly index: number; readonly address: InterfaceAddress }[] {
  return text.split('\n').flatMap((line) => {
    const [, value = '', index = '', length = '', scope = '', flags = '', name = ''] =
      /^([0-9a-f]{32}) ([0-9a-f]{2,8}) ([0-9a-f]{2}) ([0-9a-f]{2}) ([0-9a-f]{2,8}) +([^ ]{1,15})$/.exec(line) ?? []
    const prefixLength = Number.parseInt(length, 16)
    if (name === '' || prefixLength > BITS[6]) return []
    const address: InterfaceAddress = {
      address: { family: 6, value: BigInt(`0x${value}`) },
      prefixLength,
      // IPV6_ADDR_LINKLOCAL and IPV6_ADDR_LOOPBACK of include/net/ipv6.h.
      scope: scope === '20' ? 'link' : scope === '10' ? 'host' : 'global',
      // IFA_F_TEMPORARY.
      temporary: (Number.parseInt(flags, 16) & 0x01) !== 0,
    }
    return [{ name, index: Number.parseInt(index, 16), address }]
  })
}

/** net/ipv4/fib_trie.c, fib_trie_seq_show: a leaf's address, and under it its routes. Each is in two tries where local and main are one. */
function localAddresses(fibTrie: string): readonly Address[] {
  const found = new Map<bigint, Address>()
  let leaf: Address | undefined
  for (const line of fibTrie.split('\n')) {
    const text = /^ *\|-- ([\d.]{7,15})$/.exec(line)?.[1]
    if (text !== undefined) leaf = parseAddress(text)
    else if (leaf !== undefined && /^ *\/32 host LOCAL\b/.test(line)) found.set(leaf.value, leaf)
  }
  return [...found.values()]
}

function holds(prefix: { readonly address: Address; readonly prefixLength: number }, address: Address): boolean {
  const { first, last } = prefixRange(prefix.address, prefix.prefixLength)
  return address.value >= first.value && address.value <= last.value
}
