import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { expectProportional } from '../../../test/proportion.ts'
import { goldenFile } from '../../../test/reader.ts'
import type { Evidence } from '../../evidence/index.ts'
import { snapshotOf } from '../nginx/dump.ts'
import { firewalld } from './index.ts'
import { reader } from './read.ts'
import { readXml } from './xml.ts'

const CASES = fileURLToPath(new URL('golden/zones.golden', import.meta.url))

function read(files: ReadonlyMap<string, string>): string {
  const matched = [...files].flatMap(([path, text]) => {
    const own = path.startsWith('/')
      ? firewalld.machine?.paths.includes(path)
      : firewalld.reads.some((row) => row.path.test(path) && row.contains?.test(text) !== false)
    return own === true ? [path] : []
  })
  const snapshot = snapshotOf(matched, files, { host: 'host', standing: 'configured', capturedAt: 0 })
  return reader
    .read(snapshot, { parseSource: () => undefined })
    .evidence.map(inWords)
    .join('\n')
}

function inWords({ claim, origin }: Evidence): string {
  const place = origin.kind === 'file' ? `${origin.path}:${origin.span.start.line}` : origin.kind
  if (claim.claim === 'gap') return `gap (${claim.affects.kind}) ${place}: ${claim.what}`
  if (claim.claim !== 'firewall-command') return claim.claim
  return `${claim.command.map((word) => word.shown).join(' ')} (${place}) ${JSON.stringify(claim.rule ?? null)}`
}

describe('zones of firewalld', async () => {
  for (const { title, expected, actual } of await goldenFile(CASES, async (files) => read(files)))
    it(title, () => expect(actual).toBe(expected))

  it.each<readonly [string, (count: number) => string]>([
    ['tags', (count) => `<zone>${'<port port="1" protocol="tcp"/>'.repeat(count)}</zone>`],
    ['open tags', (count) => '<zone a='.repeat(count)],
    ['tags within tags', (count) => `<zone>${'<a '.repeat(count * 5)}/></zone>`],
    ['comments', (count) => '<!-- '.repeat(count)],
    ['attributes', (count) => `<zone ${'a="1" '.repeat(count)}>`],
  ])('%s take time in proportion', (_, text) => {
    expectProportional((count) => readXml(text(count)), 5000)
  })
})
