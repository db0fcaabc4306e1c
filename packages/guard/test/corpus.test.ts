import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { parseCases } from './wire/cases.ts'
import { wrongOf } from './wire/run.ts'

const CORPUS = new URL('./corpus/', import.meta.url)
/** Which requirements a file is about, where it is not P5, P6 and P7. */
const ABOUT: Readonly<Record<string, string>> = {
  'attacks/addresses.txt': 'P2, P5, P6, P7',
  'attacks/behind.txt': 'P3, P5, P6',
  'attacks/proxy-headers.txt': 'P3, P5, P6',
  'attacks/trailers.txt': 'P3, P5, P6',
  'attacks/origins.txt': 'P4, P5, P6',
  'attacks/preflights.txt': 'P4, P5, P6',
  'attacks/log-forging.txt': 'P5, P6',
}

const counts = new Map<string, number>()

for (const [folder, kinds] of [
  ['attacks', ['http', 'tls']],
  ['attacks-http2', ['h2c', 'tls']],
  ['legitimate', ['http', 'tls']],
  ['legitimate-http2', ['h2c', 'tls']],
] as const)
  for (const file of readdirSync(new URL(`${folder}/`, CORPUS)).toSorted()) {
    const path = `${folder}/${file}`
    const cases = parseCases(readFileSync(new URL(path, CORPUS), 'utf8'))
    counts.set(folder, (counts.get(folder) ?? 0) + cases.length)
    const verb = folder.startsWith('attacks') ? 'is refused' : 'passes'
    test.each(kinds)(`${ABOUT[path] ?? 'P5, P6, P7'} · ${path}: every one of ${cases.length} ${verb} (%s)`, async (kind) => {
      expect(await wrongOf(cases, kind, folder.endsWith('http2'))).toEqual([])
    })
  }

afterAll(() => console.log([...counts].map(([folder, count]) => `${folder}: ${count}`).join(', ')))

// Linux, and the right to make a network namespace.
const namespace = spawnSync('unshare', ['--net', 'true']).status === 0
if (!namespace) console.log('no network namespace can be made: peers that are not of loopback were not tried')

test.runIf(namespace || process.env['SALLYPORT_NO_SKIP'] === '1')(
  'P2, P5, P6 · peers.txt: 403 for every peer that is not of loopback, whatever the binding',
  () => {
    const program = fileURLToPath(new URL('./wire/in-namespace.ts', import.meta.url))
    const args = ['--net', process.execPath, '--conditions=source', '--import', 'tsx', program, fileURLToPath(new URL('peers.txt', CORPUS))]
    const { stdout, stderr } = spawnSync('unshare', args, {
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([])
  },
)
