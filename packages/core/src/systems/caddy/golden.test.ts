import { testGoldenProxies } from '../../../test/golden-proxies.ts'
import { snapshotOf } from '../nginx/dump.ts'
import { caddy } from './index.ts'
import { readCaddy } from './read.ts'

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

testGoldenProxies(new URL('./golden/', import.meta.url), (files) => {
  const matched = [...files].flatMap(([path, text]) =>
    caddy.reads.some((row) => row.path.test(path) && (row.contains?.test(text) ?? true)) ? [path] : [],
  )
  return readCaddy(snapshotOf(matched, files, CONTEXT))
})
