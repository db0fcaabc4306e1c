import { type Family, FAMILIES } from '@sallyport/core/network'
import { countVirtualServices, joinRulesets, readIptablesSave, readNftJson } from '@sallyport/core/systems'
import { commandOrigin, count, failure, type Observer } from './observer.ts'
import { hasGone, type SeenNamespace } from './namespaces.ts'

const SAVE: Readonly<Record<Family, string>> = { 4: 'iptables', 6: 'ip6tables' }
/** Where the kernel lists the tables of the legacy back end; absent or empty when it holds none. */
const LEGACY_TABLES: Readonly<Record<Family, string>> = { 4: 'ip_tables_names', 6: 'ip6_tables_names' }

/** The packet filter texts of one namespace, as their own tools print them; what could not be had is missed. */
export interface FilterTexts {
  readonly nft: string | undefined
  readonly save: readonly { readonly family: Family; readonly backend: 'nft' | 'legacy'; readonly text: string }[]
}

/** Captures nftables and both back ends of iptables whole. */
async function captureFilters(observer: Observer, namespace: SeenNamespace): Promise<FilterTexts> {
  const nft = await namespace.shell.run('nft', ['-j', 'list', 'ruleset'])
  if (nft.kind !== 'ok') {
    if (hasGone(namespace)) return { nft: undefined, save: [] }
    const { code, why, remedy } = failure(nft, 'nftables')
    observer.miss(
      {
        code,
        what: `the packet filter (${why})`,
        ...remedy,
        affects: { kind: 'netfilter', namespace: namespace.id },
      },
      commandOrigin('nft', '-j', 'list', 'ruleset'),
      namespace.id,
    )
  }
  const save = await Promise.all(
    FAMILIES.flatMap((family) =>
      (['nft', 'legacy'] as const).map((backend) =>
        captureSave(observer, namespace, family, backend, nft.kind === 'ok' ? nft.stdout : undefined),
      ),
    ),
  )
  return { nft: nft.kind === 'ok' ? nft.stdout : undefined, save: save.filter((item) => item !== undefined) }
}

async function captureSave(
  observer: Observer,
  namespace: SeenNamespace,
  family: Family,
  backend: 'nft' | 'legacy',
  nft: string | undefined,
) {
  if (backend === 'nft' ? !mayHoldIptables(nft) : !holdsLegacy(namespace, family)) return undefined
  const command = `${SAVE[family]}-${backend}-save`
  const ran = await namespace.shell.run(command, [])
  if (ran.kind === 'ok') return { family, backend, text: ran.stdout }
  if (hasGone(namespace)) return undefined
  const { code, why, remedy } = failure(ran, 'iptables')
  observer.miss(
    {
      code,
      what: `the rules of ${command} (${why})`,
      ...remedy,
      affects: { kind: 'netfilter', namespace: namespace.id, family },
    },
    commandOrigin(command),
    namespace.id,
  )
  return undefined
}

/** nft names the extensions of iptables-nft and cannot print them; where there are none, it prints all. Without its answer they have to be asked for. */
function mayHoldIptables(nft: string | undefined): boolean {
  return nft === undefined || nft.includes('"xt"')
}

function holdsLegacy(namespace: SeenNamespace, family: Family): boolean {
  return (namespace.table(LEGACY_TABLES[family]).text ?? '').trim() !== ''
}

/** The packet filter of one namespace as evidence: every rule once, whichever tools can print it. */
export async function collectFilters(observer: Observer, namespace: SeenNamespace): Promise<void> {
  missVirtualServices(observer, namespace)
  const texts = await captureFilters(observer, namespace)
  const ipsets = texts.save.some(({ text }) => text.includes('--match-set')) ? await captureIpsets(namespace) : undefined
  const joined = joinRulesets({
    ...(texts.nft === undefined ? {} : { nft: readNftJson(texts.nft) }),
    iptables: texts.save.map(({ family, backend, text }) => ({
      family,
      backend,
      reading: readIptablesSave(text, { family, backend, ...(ipsets === undefined ? {} : { ipsets }) }),
    })),
  })
  for (const ruleset of joined.rulesets)
    observer.see({ claim: 'netfilter', ruleset }, commandOrigin('nft', '-j', 'list', 'ruleset'), namespace.id)
  for (const { gap, origin } of joined.gaps) observer.see(gap, origin, namespace.id)
}

/** Sets of ipset(8); without the program a rule that names a set is undecided by itself. */
async function captureIpsets(namespace: SeenNamespace): Promise<string | undefined> {
  const ran = await namespace.shell.run('ipset', ['save'])
  return ran.kind === 'ok' ? ran.stdout : undefined
}

/** Packets for a virtual service of IPVS go to its real servers before a socket is looked for (net/netfilter/ipvs/ip_vs_core.c, ip_vs_in). */
function missVirtualServices(observer: Observer, namespace: SeenNamespace): void {
  const { path, text } = namespace.table('ip_vs')
  const services = countVirtualServices(text ?? '')
  if (services === 0) return
  observer.miss(
    {
      code: 'not-understood',
      what: `where ${count(services, 'virtual service')} of IPVS ${services === 1 ? 'sends its' : 'send their'} packets`,
      affects: { kind: 'netfilter', namespace: namespace.id },
    },
    { kind: 'kernel', path },
    namespace.id,
  )
}
