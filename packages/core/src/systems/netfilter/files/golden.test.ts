import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { printed } from '../../../../test/netfilter/words.ts'
import { goldenFile } from '../../../../test/reader.ts'
import type { Evidence } from '../../../evidence/index.ts'
import { snapshotOf } from '../../nginx/dump.ts'
import type { System } from '../../system.ts'
import { iptables, nftables } from './index.ts'

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

async function read(system: System, files: ReadonlyMap<string, string>): Promise<string> {
  const matched = [...files].flatMap(([path, text]) => {
    const own = path.startsWith('/')
      ? system.machine?.paths.includes(path)
      : system.reads.some((row) => row.path.test(path) && row.contains?.test(text) !== false)
    return own === true ? [path] : []
  })
  const reader = await system.load()
  const { evidence, needs, globs } = reader.read(snapshotOf(matched, files, CONTEXT), { parseSource: () => undefined })
  return [...evidence.map(inWords), ...needs.map((path) => `needs ${path}`), ...globs.map((path) => `glob ${path}`)].join('\n')
}

/** With the file, line and column of each rule and of each gap. */
function inWords({ claim, origin }: Evidence): string {
  const place = origin.kind === 'file' ? `${origin.path}:${origin.span.start.line}:${origin.span.start.column}` : origin.kind
  if (claim.claim === 'gap') return `gap ${claim.code} (${claim.affects.kind}) ${place}: ${claim.what}`
  if (claim.claim !== 'netfilter') return claim.claim
  const places = claim.ruleset.tables.flatMap(({ chains }) =>
    [...chains.values()].flatMap(({ rules }) =>
      rules.map(({ origin: { file } }) =>
        file === undefined ? 'nowhere' : `${file.path}:${file.span.start.line}:${file.span.start.column}`,
      ),
    ),
  )
  return [
    `${claim.ruleset.tool} of ${place}`,
    printed({ ruleset: claim.ruleset, gaps: [], incomplete: [] }),
    ...(places.length === 0 ? [] : [`rules at ${places.join(' ')}`]),
  ].join('\n')
}

describe.each([
  ['nftables.golden', nftables],
  ['iptables.golden', iptables],
] as const)('what is read of the files in %s', async (name, system) => {
  const path = fileURLToPath(new URL(`golden/${name}`, import.meta.url))
  for (const { title, expected, actual } of await goldenFile(path, (files) => read(system, files)))
    it(title, () => expect(actual).toBe(expected))
})
