import { type Evidence, evidenceOf, type NamespaceId } from '@sallyport/core/evidence'
import { buildHost, compareReach, computeReach, type Difference, type HostModel } from '@sallyport/core/reach'
import { collectFilters } from '../collect/machine/filters.ts'
import { tablesIn } from '../collect/machine/namespaces.ts'
import { Observer } from '../collect/machine/observer.ts'
import { inodeOf } from '../collect/machine/proc.ts'
import { Shell } from '../collect/shell.ts'
import { Failure } from '../failure.ts'
import type { Namespace } from './namespace.ts'

/** The packet filter of a namespace, as every look at a machine sees it. */
export async function filtersOf({ pid }: Namespace): Promise<readonly Evidence[]> {
  const observer = new Observer(Date.now())
  const entry = `/proc/${pid}/ns/net`
  const id = inodeOf(entry)
  if (id === undefined) throw new Failure('the namespace in which the change was tried has ended', 'try again')
  await collectFilters(observer, {
    id,
    own: false,
    label: 'the copy',
    entry,
    shell: new Shell(entry),
    pid,
    ...tablesIn(`/proc/${pid}/net`),
  })
  return observer.evidence
}

/** This machine as it is, and with another packet filter. */
export interface Foreseen {
  readonly before: HostModel
  readonly after: HostModel
  readonly differences: readonly Difference[]
}

/** Which packets would arrive that do not, and which do that would not, with `filters` in the place of this machine's own. */
export function foresee(machine: readonly Evidence[], filters: readonly Evidence[]): Foreseen {
  const own = evidenceOf(machine, 'namespace').find(({ claim }) => claim.kind === 'host')?.claim.id
  const [before, after] = [machine, own === undefined ? [] : withFilters(machine, filters, own)].map(buildHost)
  if (before === undefined || after === undefined) throw new Failure('nothing of this machine can be seen', 'run it as root, on Linux')
  return { before, after, differences: compareReach(computeReach(before, 'unknown'), computeReach(after, 'unknown')) }
}

/** What was not understood before stays so: it may be something else than these filters. */
function withFilters(machine: readonly Evidence[], filters: readonly Evidence[], own: NamespaceId): readonly Evidence[] {
  const others = machine.filter(
    ({ claim, namespace, standing }) => !(claim.claim === 'netfilter' && standing === 'running' && namespace === own),
  )
  return [...others, ...filters.map((item) => ({ ...item, claim: inNamespace(item.claim, own), namespace: own }))]
}

function inNamespace(claim: Evidence['claim'], namespace: NamespaceId): Evidence['claim'] {
  if (claim.claim !== 'gap' || claim.affects.kind !== 'netfilter') return claim
  return { ...claim, affects: { ...claim.affects, namespace } }
}
