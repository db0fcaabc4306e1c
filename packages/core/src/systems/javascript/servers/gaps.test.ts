import { expect, test } from 'vitest'
import type { Gap } from '../../../evidence/index.ts'
import type { Snapshot, Tools } from '../../system.ts'
import { LIMITS } from '../../source-folder.ts'
import { read } from '../read.ts'

const NO_PARSER: Tools = { parseSource: () => undefined }

function gapsOf(files: Readonly<Record<string, string>>): readonly (Gap & { readonly path: string; readonly line: number })[] {
  const matched = Object.keys(files)
  const snapshot: Snapshot = {
    matched,
    paths: new Set(matched),
    file: (path) => ({ kind: 'text', text: files[path] ?? '' }),
    glob: () => [],
    context: { host: 'test', standing: 'configured', capturedAt: 0 },
  }
  return read(snapshot, NO_PARSER).evidence.flatMap(({ claim, origin }) =>
    claim.claim === 'gap' && origin.kind === 'file' ? [{ ...claim, path: origin.path, line: origin.span.start.line }] : [],
  )
}

const LARGE = 'x'.repeat(LIMITS.file)

test('C4 · without a parser, a file that may listen is a gap at the place', () => {
  expect(gapsOf({ 'index.js': "const app = require('express')()\napp.listen(3000)", 'other.js': 'let listen = 1' })).toMatchObject([
    { code: 'tool-missing', path: 'index.js', line: 2, affects: { kind: 'folder' } },
  ])
})

test.each([
  ['server.js', `app.listen(3000)//${LARGE}`, 1],
  ['server.js', `app.listen(config.port)//${LARGE}`, 1],
  // Events of a browser's library, and what no folder starts.
  ['bundle.js', `goog.events.listen(window, 'load', f)//${LARGE}`, 0],
  ['public/app.js', `app.listen(3000)//${LARGE}`, 0],
  ['.yarn/releases/yarn.cjs', `server.listen(0)//${LARGE}`, 0],
  ['data.js', LARGE, 0],
])('C4 · a file too large to be parsed: %s (%#)', (path, text, count) => {
  const gaps = gapsOf({ [path]: text })
  expect(gaps.filter(({ code }) => code === 'limit')).toHaveLength(count)
})

test('what was built is seen in its source', () => {
  expect(gapsOf({ 'dist/index.js': `app.listen(3000)//${LARGE}`, 'src/index.ts': 'export {}' })).toEqual([])
})
