import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Evidence, FileOrigin } from '../../evidence/index.ts'
import { proxyRoutes } from '../../reach/requests/index.ts'
import { readDump, snapshotOf } from './dump.ts'
import { readNginx } from './read.ts'

const COUNT = Number(process.env['SALLYPORT_FUZZ'] ?? 2000)
const SEED = Number(process.env['SALLYPORT_SEED'] ?? 1)
const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const
const FOLDER = new URL('./golden/', import.meta.url)

/** The inputs of the golden files. */
const INPUTS: readonly ReadonlyMap<string, string>[] = readdirSync(FOLDER).map((file) => {
  const parts = readFileSync(new URL(file, FOLDER), 'utf8')
    .split(/^--- (.*)\n/m)
    .slice(1)
  const files = new Map<string, string>()
  for (let index = 0; index < parts.length; index += 2) if (parts[index] !== 'expect') files.set(parts[index] ?? '', parts[index + 1] ?? '')
  return files
})
const PIECES = [
  '{',
  '}',
  ';',
  '"',
  "'",
  '\\',
  '$',
  '${',
  '#',
  '\n',
  ' ',
  'include nginx.conf;',
  'server {',
  'location ~ (',
  'listen [',
  'proxy_pass http://$x;',
  '\u0000',
  '\ufeff',
  '-',
  '*',
  '99999999999',
  '\u{1f600}',
  '_by_lua_block {',
  '--- ',
]

test(`${COUNT} mutated inputs: nothing is thrown, nothing hangs, every place is one`, { timeout: 60_000 + COUNT * 20 }, () => {
  let state = (Math.imul(SEED + 1, 0x9e37_79b1) | 1) >>> 0
  const below = (limit: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % limit
  }
  const mutate = (text: string): string => {
    const at = below(text.length + 1)
    const end = Math.min(text.length, at + below(20))
    switch (below(5)) {
      case 0:
        return text.slice(0, at) + text.slice(end)
      case 1:
        return text.slice(0, at) + text.slice(at, end).repeat(3) + text.slice(end)
      case 2:
        return text.slice(0, at)
      default:
        return text.slice(0, at) + (PIECES[below(PIECES.length)] ?? '') + text.slice(at)
    }
  }
  for (let index = 0; index < COUNT; index++) {
    const files = new Map(INPUTS[index % INPUTS.length])
    for (let round = 0; round <= below(4); round++) {
      const path = [...files.keys()][below(files.size)] ?? ''
      files.set(path, mutate(files.get(path) ?? ''))
    }
    const started = performance.now()
    const dump = files.get('nginx -T')
    const evidence =
      dump === undefined ? readNginx(snapshotOf([...files.keys()], files, CONTEXT)).evidence : (readDump(dump, CONTEXT)?.evidence ?? [])
    for (const item of evidence) {
      if (item.claim.claim === 'proxy') proxyRoutes(item.claim.servers)
      if (dump === undefined) expectPlace(item, files)
    }
    expect(performance.now() - started, JSON.stringify([...files])).toBeLessThan(2000)
  }
})

function expectPlace({ origin }: Evidence, files: ReadonlyMap<string, string>): void {
  const { path, span } = origin as FileOrigin
  const text = files.get(path)
  if (text === undefined || span.start.offset < 0 || span.end.offset > text.length || span.start.offset > span.end.offset) {
    throw new Error(`no place: ${path} ${span.start.offset}-${span.end.offset}`)
  }
}
