import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sourceTools } from '../../../../cli/src/collect/source.ts'
import { type Claim, resolveValue } from '../../evidence/index.ts'
import type { FileState, Snapshot } from '../system.ts'
import { javascript } from './index.ts'
import { read } from './read.ts'

/**
 * Programs that change where they listen in ways that are hard to follow. Each is started, and the address of its socket has to be among
 * those that its source is read to come to, unless that says that it is not known. `### title`, then files (`=== path`); `index.js` is started,
 * or what the script `start` of a package.json says.
 */
const PROGRAMS = readFileSync(new URL('programs.txt', import.meta.url), 'utf8')

interface Program {
  readonly title: string
  readonly files: ReadonlyMap<string, string>
}

const programs: readonly Program[] = PROGRAMS.split(/^### /m)
  .slice(1)
  .map((text) => {
    const [title = '', ...rest] = text.split('\n')
    const parts = rest
      .join('\n')
      .split(/^=== (.+)\n/m)
      .slice(1)
    return {
      title,
      files: new Map(Array.from({ length: parts.length / 2 }, (_, index) => [parts[index * 2] ?? '', parts[index * 2 + 1] ?? ''])),
    }
  })

/** Waits for the first server of the process, says where it listens, and ends. It changes nothing of the program. */
const WATCH = `
const started = Date.now()
const look = () => {
  const [server] = process._getActiveHandles().filter((one) => one.listening === true || typeof one.address === 'function')
  const address = server?.address?.()
  if (address === undefined || address === null) return Date.now() - started < 5000 ? setTimeout(look, 5) : process.exit(1)
  process.stdout.write(address.address + '\\n', () => process.exit(0))
}
setTimeout(look, 30)
`

function claimsOf(files: ReadonlyMap<string, string>): readonly Claim[] {
  const matched = [...files].flatMap(([path, text]) =>
    javascript.reads.some((pattern) => pattern.path.test(path) && pattern.contains?.test(text) !== false) ? [path] : [],
  )
  const state = (path: string): FileState => (files.has(path) ? { kind: 'text', text: files.get(path) ?? '' } : { kind: 'absent' })
  const loaded = new Map(matched.map((path) => [path, state(path)]))
  const context: Snapshot['context'] = { host: 'here', standing: 'configured', capturedAt: 0 }
  const snapshot: Snapshot = { matched, paths: new Set(files.keys()), file: (path) => loaded.get(path), glob: () => [], context }
  for (;;) {
    const { evidence, needs } = read(snapshot, sourceTools)
    const asked = needs.filter((path) => !loaded.has(path))
    if (asked.length === 0) return evidence.map(({ claim }) => claim)
    for (const path of asked) loaded.set(path, state(path))
  }
}

/** The addresses that a program may listen on, as read; `?` where that is not known. */
function addressesOf(files: ReadonlyMap<string, string>): readonly string[] {
  return claimsOf(files).flatMap((claim) => {
    if (claim.claim !== 'bind') return claim.claim === 'gap' ? ['?'] : []
    return resolveValue(claim.host, { environment: new Map(), arguments: new Map() }).map((found) =>
      found.kind === 'unknown' ? '?' : found.kind === 'absent' ? '::' : String(found.value),
    )
  })
}

describe('programs that are started', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sp-programs-'))
    writeFileSync(join(folder, 'watch.cjs'), WATCH)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(programs.map((program, index) => ({ ...program, index })))(
    'P9 · $title',
    async ({ files, index }) => {
      const home = join(folder, String(index))
      for (const [path, text] of files) {
        mkdirSync(dirname(join(home, path)), { recursive: true })
        writeFileSync(join(home, path), text)
      }
      const manifest = files.get('package.json')
      const script = manifest === undefined ? 'node index.js' : (JSON.parse(manifest) as { scripts: { start: string } }).scripts.start
      const { stdout } = await promisify(execFile)('sh', ['-c', `exec env ${script}`], {
        cwd: home,
        env: { PATH: process.env['PATH'], NODE_OPTIONS: `--require ${join(folder, 'watch.cjs')}` },
        timeout: 20_000,
      })
      const real = stdout.trim()
      expect(real).not.toBe('')
      const read = addressesOf(files)
      expect(read.includes(real) || read.includes('?'), `it listens on ${real}, and was read as ${read.join(' or ') || 'nothing'}`).toBe(
        true,
      )
    },
    60_000,
  )
})
