import { expect } from 'vitest'
import type { Ruleset } from '../../src/evidence/index.ts'
import { FAMILIES } from '../../src/network/index.ts'
import { joinRulesets, readIptablesSave, readNftJson } from '../../src/systems/netfilter/index.ts'

/** Files that real tools printed (`nft`, `iptables-legacy`, `ip6tables-nft` …), joined as the collector does. */
export function rulesets(files: ReadonlyMap<string, string>): readonly Ruleset[] {
  const ipsets = files.get('ipset')
  const iptables = FAMILIES.flatMap((family) =>
    (['nft', 'legacy'] as const).flatMap((backend) => {
      const text = files.get(`${family === 4 ? 'iptables' : 'ip6tables'}-${backend}`)
      return text === undefined
        ? []
        : [{ family, backend, reading: readIptablesSave(text, { family, backend, ...(ipsets === undefined ? {} : { ipsets }) }) }]
    }),
  )
  const nft = files.get('nft')
  const joined = joinRulesets({ ...(nft === undefined ? {} : { nft: readNftJson(nft) }), iptables })
  expect(joined.gaps).toEqual([])
  return joined.rulesets
}
