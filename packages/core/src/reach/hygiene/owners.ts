import type { Rule, Table } from '../../evidence/index.ts'

/** Whose work a rule is. Rules that a program writes by itself are nobody's mistake. */
interface Owner {
  readonly chains?: RegExp
  /** Of nftables, as they are named there. */
  readonly tables?: RegExp
  /** A chain that only this program makes: where it is, the program has written the whole table. */
  readonly wholeTable?: RegExp
}

/** Programs that write rules, by the names that they give to chains and tables. What ufw keeps for the user's own rules (ufw-user-…) is the user's, as DOCKER-USER is. */
const OWNERS: Readonly<Record<string, Owner>> = {
  Docker: { chains: /^DOCKER(?!-USER$)/, tables: /^docker-bridges$/ },
  Podman: { chains: /^(?:NETAVARK|CNI-)/, tables: /^netavark/ },
  ufw: { chains: /^ufw6?-(?!user-(?:input|output|forward)$)/ },
  firewalld: { tables: /^firewalld/, wholeTable: /^(?:INPUT_ZONES|FWDI?_public|IN_public)$/ },
  fail2ban: { chains: /^f2b-/, tables: /^f2b/ },
  CrowdSec: { chains: /^CROWDSEC/, tables: /^crowdsec/ },
  SSHGuard: { chains: /^sshguard$/, tables: /^sshguard$/ },
  Kubernetes: { chains: /^(?:KUBE-|cali-|CILIUM_|FLANNEL-|WEAVE|CNI-)/, tables: /^(?:kube-proxy|calico|cilium|flannel)/ },
  libvirt: { chains: /^LIBVIRT_/, tables: /^libvirt/ },
  LXD: { tables: /^(?:lxd|incus)$/ },
  Tailscale: { chains: /^ts-/ },
  UPnP: { chains: /^MINIUPNPD/, tables: /^miniupnpd$/ },
  'wg-quick': { tables: /^wg-quick-/ },
  NetworkManager: { chains: /^nm-sh-/, tables: /^nm-shared-/ },
  systemd: { tables: /^io\.systemd\./ },
  csf: { wholeTable: /^(?:LOCALINPUT|LOGDROPIN)$/ },
  Shorewall: { wholeTable: /^(?:shorewall|sfilter)$/ },
}

/** Chains that a program makes and calls, and leaves to the user. */
const PREPARED = /^(?:DOCKER-USER|ufw6?-user-(?:input|output|forward))$/

/** Bridges and ports that programs make for what they run; in FORWARD and in nat they write the rules for them too. */
const MADE_BRIDGE = /^(?:docker0|docker_gwbridge|br-[0-9a-f]{12}|podman\d+|cni\w*|virbr\d+|lxdbr\d+|lxcbr\d+|incusbr\d+|flannel|kube-|cali)/

interface Owners {
  readonly ofTable: string | undefined
  readonly ofChains: Map<string, string | undefined>
}

const known = new WeakMap<Table, Owners>()

/** The program that the chain belongs to. `undefined`: nobody but the user is known to write it. */
export function ownerOf(table: Table, chain: string): string | undefined {
  const owners = known.get(table) ?? { ofTable: ownerOfTable(table), ofChains: new Map<string, string | undefined>() }
  known.set(table, owners)
  if (!owners.ofChains.has(chain)) owners.ofChains.set(chain, owners.ofTable ?? ownerNamed(chain))
  return owners.ofChains.get(chain)
}

/** Whether a program makes the chain and keeps it, whatever table it is in: bans that come and go. */
export function isProgramsChain(chain: string): boolean {
  return ownerNamed(chain) !== undefined && !chain.startsWith('ufw')
}

function ownerNamed(chain: string): string | undefined {
  return Object.entries(OWNERS).find(([, { chains }]) => chains?.test(chain) === true)?.[0]
}

function ownerOfTable({ name, chains }: Table): string | undefined {
  return Object.entries(OWNERS).find(
    ([, { tables, wholeTable }]) =>
      tables?.test(name) === true || (wholeTable !== undefined && [...chains.keys()].some((chain) => wholeTable.test(chain))),
  )?.[0]
}

/** Whether a person has written the rule, as far as can be told: also in chains that nobody owns, programs put their jumps and what belongs to their bridges. */
export function isUsers(rule: Rule, table: Table, chain: string): boolean {
  if (ownerOf(table, chain) !== undefined) return false
  // All that ufw puts into a chain for the user's rules is what the user asked for.
  if (/^ufw6?-user-/.test(chain)) return true
  return !rule.expressions.some((expression) => {
    if (expression.kind === 'jump' || expression.kind === 'goto')
      return ownerNamed(expression.chain) !== undefined || PREPARED.test(expression.chain)
    return expression.kind === 'match' && isForwarding(table, chain) && namesBridge(expression.when)
  })
}

function isForwarding(table: Table, chain: string): boolean {
  const base = table.chains.get(chain)?.base
  return base?.hook === 'forward' || base?.type === 'nat'
}

type Match = Extract<Rule['expressions'][number], { readonly kind: 'match' }>

function namesBridge(condition: Match['when']): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.some(namesBridge)
    case 'not':
      return namesBridge(condition.of)
    case 'device':
      return condition.names.some(({ name }) => MADE_BRIDGE.test(name))
    default:
      return false
  }
}
