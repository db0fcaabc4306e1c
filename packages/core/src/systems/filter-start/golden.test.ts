import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { goldenFile } from '../../../test/reader.ts'
import { evidenceOf } from '../../evidence/index.ts'
import { snapshotOf } from '../nginx/dump.ts'
import { filterStart } from './index.ts'
import { filterStartReader } from './read.ts'

const CASES = fileURLToPath(new URL('golden/machines.golden', import.meta.url))

/** `nftables loads nft, iptables, ip6tables by /etc/nftables.conf`, and whether everything was seen. */
function read(files: ReadonlyMap<string, string>): string {
  const matched = [...files.keys()].filter((path) => filterStart.machine?.paths.includes(path))
  const { evidence } = filterStartReader.read(snapshotOf(matched, files, { host: 'host', standing: 'configured', capturedAt: 0 }), {
    parseSource: () => undefined,
  })
  return evidenceOf(evidence, 'filter-start')
    .flatMap(({ claim }) => [
      ...claim.loaders.map(
        ({ program, loads, origin }) =>
          `${program} loads ${loads.join(', ') || 'what is its own'}${origin === undefined || origin.path === program ? '' : ` by ${origin.path}`}`,
      ),
      claim.complete ? 'all was seen' : 'not all was seen',
    ])
    .join('\n')
}

describe('what loads rules at boot', async () => {
  for (const { title, expected, actual } of await goldenFile(CASES, async (files) => read(files)))
    it(title, () => expect(actual).toBe(expected))
})
