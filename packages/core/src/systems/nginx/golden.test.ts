import { testGoldenProxies } from '../../../test/golden-proxies.ts'
import { readDump, snapshotOf } from './dump.ts'
import { nginx } from './index.ts'
import { readNginx } from './read.ts'

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

testGoldenProxies(new URL('./golden/', import.meta.url), (files) => {
  const dump = files.get('nginx -T')
  if (dump !== undefined) return readDump(dump, CONTEXT) ?? { evidence: [], needs: [], globs: [] }
  const matched = [...files].flatMap(([path, text]) =>
    nginx.reads.some((row) => row.path.test(path) && (row.contains?.test(text) ?? true)) ? [path] : [],
  )
  return readNginx(snapshotOf(matched, files, CONTEXT))
})
