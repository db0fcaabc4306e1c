import type { Protocol } from '../../evidence/index.ts'
import type { EndpointReach, HostModel, NamespaceModel, Way } from '../../reach/index.ts'
import { shellWord } from '../../systems/index.ts'

/** What of the packets of a way a rule can name, on the hook that they really pass. */
type Cut =
  /** For a socket of this machine: its own, or docker-proxy's. `port`: the socket's. */
  | { readonly hook: 'input'; readonly port: number }
  /** Translated and forwarded into a container. `port`: the one that was sent to; behind the translation it is the container's, which others share. */
  | { readonly hook: 'forward'; readonly port: number }
  /** Forwarded as it came, to the container's own address, which the next start may change. `port`: the container's. */
  | { readonly hook: 'forward-own'; readonly port: number; readonly outbound: string }

/**
 * Shell commands after which the packet filter drops everything that comes to the endpoint from beyond this machine, for each interface and
 * family by which something comes now; what this machine and its containers send stays. Empty: none of it comes by this machine's own rules.
 */
export function closingCommands({ endpoint, ways }: EndpointReach, host: HostModel): readonly string[] {
  const own = host.namespaces.get(host.own)
  if (own === undefined) return []
  const cuts = ways.filter((way) => way.sender !== 'host' && way.entry.namespace === own.id)
  return [...new Set(cuts.flatMap((way) => commandsFor(own, way, cutOf(way, endpoint.port), endpoint.protocol)))]
}

function cutOf({ path, at }: Way, port: number): Cut {
  const proxy = path.find((step) => step.kind === 'userland-proxy')
  if (proxy !== undefined) return { hook: 'input', port: proxy.socket.claim.port }
  const crossing = path.findIndex((step) => step.kind === 'cross')
  const cross = path[crossing]
  if (cross?.kind !== 'cross') return { hook: 'input', port }
  const isTranslated = path.slice(0, crossing).some((step) => step.kind === 'netfilter' && step.step.kind === 'translate')
  return isTranslated ? { hook: 'forward', port: at.port } : { hook: 'forward-own', port, outbound: cross.device }
}

/** In the words of the tool that the machine uses for the family. A rule at the top is asked before whatever accepts. */
function commandsFor(own: NamespaceModel, { family, entry }: Way, cut: Cut, protocol: Protocol): readonly string[] {
  const tool = family === 4 ? 'iptables' : 'ip6tables'
  const tables = own.filters.flatMap(({ claim: { ruleset } }) => (ruleset.tool === tool ? ruleset.tables : []))
  const filter = tables.find(({ name }) => name === 'filter')
  const isUsed = own.filters.some(({ claim }) => claim.ruleset.tool === 'iptables' || claim.ruleset.tool === 'ip6tables')
  if (!isUsed) return nftCommands(family, entry.device, cut, protocol)
  // Docker leaves DOCKER-USER to the user and asks it first, also after its own rules were written anew.
  const forward = filter?.chains.has('DOCKER-USER') === true ? 'DOCKER-USER' : 'FORWARD'
  return [
    `${tool} -I ${cut.hook === 'input' ? 'INPUT' : forward} -i ${shellWord(entry.device)} ${IPTABLES[cut.hook](cut, protocol)} -j DROP`,
  ]
}

type Writer = (cut: Cut, protocol: Protocol) => string

/** iptables-extensions(8), conntrack: the original port of a translated packet is the one that was sent to. */
const IPTABLES: Readonly<Record<Cut['hook'], Writer>> = {
  input: ({ port }, protocol) => `-p ${protocol} --dport ${port}`,
  forward: ({ port }, protocol) => `-p ${protocol} -m conntrack --ctorigdstport ${port}`,
  'forward-own': (cut, protocol) =>
    `${cut.hook === 'forward-own' ? `-o ${shellWord(cut.outbound)} ` : ''}-p ${protocol} --dport ${cut.port} -m conntrack ! --ctstate DNAT`,
}

/** nft(8), CONNTRACK EXPRESSIONS. */
const NFT: Readonly<Record<Cut['hook'], Writer>> = {
  input: ({ port }, protocol) => `${protocol} dport ${port}`,
  forward: ({ port }, protocol) => `meta l4proto ${protocol} ct original proto-dst ${port}`,
  'forward-own': (cut, protocol) =>
    `${cut.hook === 'forward-own' ? `oifname "${cut.outbound}" ` : ''}${protocol} dport ${cut.port} ct status & dnat == 0`,
}

/** In a table of its own: a drop is final, whatever others accept. */
function nftCommands(family: 4 | 6, device: string, cut: Cut, protocol: Protocol): readonly string[] {
  const hook = cut.hook === 'input' ? 'input' : 'forward'
  const rule = `meta nfproto ipv${family} iifname "${device}" ${NFT[cut.hook](cut, protocol)} drop`
  return [
    "nft 'add table inet kept-in'",
    `nft 'add chain inet kept-in ${hook} { type filter hook ${hook} priority -5; }'`,
    `nft ${shellWord(`add rule inet kept-in ${hook} ${rule}`)}`,
  ]
}
