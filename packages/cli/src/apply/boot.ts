import { readFileSync, realpathSync } from 'node:fs'
import { evidenceOf, type FilterLoader, type Ruleset } from '@sallyport/core/evidence'
import { collectConfiguration } from '../collect/machine/configuration.ts'

/** What the next start of this machine does about its packet filter, as far as can be seen. */
export interface Boot {
  readonly loaders: readonly FilterLoader[]
  /** What ufw loads where it is started; without tables where it is not enabled in its own file. */
  readonly ufw: Ruleset | undefined
  /** Files whose rules are loaded, those that others include among them. */
  readonly files: ReadonlySet<string>
}

export async function atBoot(): Promise<Boot> {
  const evidence = await collectConfiguration([], undefined, Date.now())
  const loaders = evidenceOf(evidence, 'filter-start').flatMap(({ claim }) => claim.loaders)
  const filters = evidenceOf(evidence, 'netfilter')
  const files = filters.flatMap(({ claim, origin }) => {
    if (!loaders.some(({ loads }) => loads.some((tool) => tool === claim.ruleset.tool))) return []
    const rules = claim.ruleset.tables.flatMap(({ chains }) => [...chains.values()].flatMap((chain) => chain.rules))
    return [...(origin.kind === 'file' ? [origin.path] : []), ...rules.flatMap((rule) => rule.origin.file?.path ?? [])]
  })
  return { loaders, ufw: filters.find(({ claim }) => claim.ruleset.tool === 'ufw')?.claim.ruleset, files: new Set(files) }
}

/** Whether something that is run at boot is this script, by a link or a copy of its path. */
export function isRun(script: string, { loaders }: Boot): boolean {
  return loaders.some(({ origin }) => {
    try {
      return origin !== undefined && (realpathSync(origin.path) === script || readFileSync(origin.path, 'utf8').includes(script))
    } catch {
      return false
    }
  })
}
