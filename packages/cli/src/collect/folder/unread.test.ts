import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { evidenceOf } from '@sallyport/core/evidence'
import { expect, test } from 'vitest'
import { collectFolder } from './index.ts'

const BINARY = Buffer.from([0xe2, 0x00, 0x9a])
const SCRIPT = Buffer.from('#!/bin/sh\n\0')

async function gapsOf(files: Readonly<Record<string, Buffer>>): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sp-unread-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    }
    return evidenceOf(await collectFolder(folder, 0), 'gap').map(({ claim }) => claim.what)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('C4 · what is no text and names no program in its first line is no script', async () => {
  expect(await gapsOf({ 'data/index': BINARY, 'bin/start': SCRIPT })).toEqual(['bin/start was not read: it is binary'])
})

test('C4 · of files that are too large, those that begin as a manifest does are told by their names', async () => {
  const large = (text: string): Buffer => Buffer.from(text.padEnd(2_100_000, ' # NodePort\n'))
  const gaps = await gapsOf({
    'manifest.yml': large('# ours\n---\napiVersion: v1\nkind: Service\n'),
    'manifest.json': large('{ "apiVersion": "v1", "kind": "Service" }'),
    'words.yml': large('words:\n  - NodePort\n'),
    'package-lock.json': large('{ "name": "x" }'),
  })
  expect(gaps).toEqual(['manifest.json is too large to be read (2 MB)', 'manifest.yml is too large to be read (2 MB)'])
})

test('C4 · files of tests that cannot be read are told in one line, all others by their names', async () => {
  const tests = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`test/snapshots/${10 + index}.js`, BINARY]))
  expect(await gapsOf({ ...tests, 'web.js': BINARY })).toEqual([
    'web.js was not read: it is binary',
    'test/snapshots/10.js was not read: it is binary, nor were 29 more files of tests',
  ])
})
