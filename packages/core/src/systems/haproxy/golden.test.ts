import { testGoldenProxies } from '../../../test/golden-proxies.ts'
import { snapshotOf } from '../nginx/dump.ts'
import { haproxy } from './index.ts'
import { readHaproxy } from './read.ts'

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

testGoldenProxies(new URL('./golden/', import.meta.url), (files) => {
  const matched = [...files].flatMap(([path, text]) =>
    haproxy.reads.some((row) => row.path.test(path) && (row.contains?.test(text) ?? true)) ? [path] : [],
  )
  return readHaproxy(snapshotOf(matched, files, CONTEXT))
})
