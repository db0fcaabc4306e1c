import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyTexts, recover, takeBack } from '../packages/cli/src/change/apply.ts'
import { DISK } from '../packages/cli/src/change/disk.ts'
import { journalOf, lastOf, readRecord, STATE_FOLDER } from '../packages/cli/src/change/record.ts'
import { ROOT, sallyport } from './cli.ts'
import { CHANGES, makeFolder, stateOf } from './fix/folder.ts'

/** A process that is killed at each step of a change: after the next command the folder is as it was, or as it was to be. */

const place = mkdtempSync(join(tmpdir(), 'sp-crash-'))
const script = join(place, 'interrupted.mjs')
const [before, after] = [join(place, 'before'), join(place, 'after')]
let made = 0

afterAll(() => rmSync(place, { recursive: true, force: true }))

beforeAll(async () => {
  await build({
    entryPoints: [join(ROOT, 'test/fix/interrupted.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
    packages: 'bundle',
    outfile: script,
    logLevel: 'silent',
  })
  makeFolder(before)
  cpSync(before, after, { recursive: true })
  await applyTexts(after, 'fix', CHANGES)
})

/** A folder in that state. A copy of a folder has no record of its own that is followed. */
async function copyOf(folder: string): Promise<string> {
  const root = join(place, `run-${made++}`)
  cpSync(before, root, { recursive: true })
  if (folder === after) await applyTexts(root, 'fix', CHANGES)
  return root
}

/** The kinds of its steps; `undefined`: it was killed, as it was to be. */
function run(what: 'apply' | 'undo' | 'recover', root: string, step: number): string | undefined {
  const { signal, stdout, stderr } = spawnSync(process.execPath, [script, what, root, String(step)], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return signal === 'SIGKILL' ? undefined : stdout
}

/** Before each step, and in the middle of each text that is written. */
async function steps(what: 'apply' | 'undo', from: string): Promise<readonly number[]> {
  const kinds = run(what, await copyOf(from), -1) ?? ''
  expect(kinds.length).toBeGreaterThan(30)
  return kinds.split('').flatMap((kind, index) => (kind === 'w' ? [index, index + 0.5] : [index]))
}

/** Where the journal says that it is to be done, and some of it is. */
async function midway(): Promise<number> {
  return (run('apply', await copyOf(before), -1)?.length ?? 0) - 10
}

const sides = [
  ['apply', before, after],
  ['undo', after, before],
] as const

describe.each(sides)('C6 · %s, killed at each of its writes, syncs and renames', (what, from, to) => {
  it('leaves the old state or the new one, and nothing beside, after the next command', async () => {
    const [old, now] = [stateOf(from), stateOf(to)]
    const outcomes = new Set<string>()
    for (const step of await steps(what, from)) {
      const root = await copyOf(from)
      expect(run(what, root, step)).toBeUndefined()
      await recover(root)
      const state = stateOf(root)
      const isOld = JSON.stringify(state) === JSON.stringify(old)
      outcomes.add(isOld ? 'old' : 'new')
      expect(state, `step ${step}`).toEqual(isOld ? old : now)
      expect(leftIn(root), `step ${step}`).toEqual([])
      rmSync(root, { recursive: true })
    }
    expect([...outcomes].toSorted()).toEqual(['new', 'old'])
  })

  it('also where the command that puts it right is killed in its turn', async () => {
    const [old, now] = [stateOf(from), stateOf(to)]
    let interrupted = 0
    for (const [index, step] of (await steps(what, from)).entries()) {
      if (index % 4 !== 3) continue
      const root = await copyOf(from)
      run(what, root, step)
      if (run('recover', root, (index * 5) % 19) === undefined) interrupted++
      await recover(root)
      const state = stateOf(root)
      expect(state, `step ${step}`).toEqual(JSON.stringify(state) === JSON.stringify(old) ? old : now)
      expect(leftIn(root), `step ${step}`).toEqual([])
      rmSync(root, { recursive: true })
    }
    expect(interrupted).toBeGreaterThan(3)
  })
})

/** In the folder of records: beside the last change, the file that has git ignore it, and a record that was not yet one. */
const ALLOWED = ['.gitignore', 'last.json', 'journal.json.new']

function leftIn(root: string): readonly string[] {
  return readdirSync(join(root, '.sallyport')).filter((name) => !ALLOWED.includes(name) && !name.includes('lock'))
}

it('C6 · whatever command runs next puts it right, and says so', async () => {
  const root = await copyOf(before)
  expect(run('apply', root, await midway())).toBeUndefined()
  expect(stateOf(root)).not.toEqual(stateOf(before))
  const { stderr } = sallyport('check', root, '--scope', 'folder')
  expect(stderr).toContain('note: sallyport fix was interrupted here: its change is finished')
  expect(stateOf(root)).toEqual(stateOf(after))
})

it('C6 · what somebody edited while it was interrupted stays, and the rest is taken back', async () => {
  const root = await copyOf(before)
  run('apply', root, await midway())
  writeFileSync(join(root, 'conf/app.env'), 'HOST=::1\n')
  expect(await recover(root)).toMatchObject({ outcome: 'taken back', foreign: ['conf/app.env'] })
  const { 'conf/app.env': edited, ...rest } = stateOf(root)
  const { 'conf/app.env': _, ...old } = stateOf(before)
  expect(rest).toEqual(old)
  expect(Buffer.from(edited?.split(' ')[1] ?? '', 'base64').toString()).toBe('HOST=::1\n')
})

it('C6 · undo takes it back, and undoing that makes it again', async () => {
  const root = await copyOf(after)
  await takeBack(root)
  expect(stateOf(root)).toEqual(stateOf(before))
  await takeBack(root)
  expect(stateOf(root)).toEqual(stateOf(after))
})

it('C6 · undo refuses where a file was edited since, and says which', async () => {
  const root = await copyOf(after)
  writeFileSync(join(root, 'run.sh'), '#!/bin/sh\n')
  const state = stateOf(root)
  await expect(takeBack(root)).rejects.toThrow('run.sh was edited since, so nothing was taken back')
  expect(stateOf(root)).toEqual(state)
})

it('C6 · a record that came with the folder is none, whatever its rights are: nothing is written, and nothing is taken back', async () => {
  const made = await copyOf(before)
  expect(run('apply', made, await midway())).toBeUndefined()
  const copy = join(place, 'copy')
  cpSync(made, copy, { recursive: true })
  const state = stateOf(copy)
  expect(await recover(copy)).toMatchObject({ outcome: 'not followed' })
  expect(sallyport('check', copy, '--scope', 'folder').stderr).toContain(
    'it is not followed; see whether files are half changed, and remove it',
  )
  for (const change of [takeBack(copy), applyTexts(copy, 'fix', CHANGES)])
    await expect(change).rejects.toThrow('tells of a change that was interrupted in another folder')
  expect(stateOf(copy)).toEqual(state)
  expect(existsSync(journalOf(copy))).toBe(true)
})

it('C6 · a record of this folder is followed though its file system is another device by now, where it tells when a folder was made', async () => {
  for (const [birth, isFollowed] of [
    [(own: string) => own, true],
    [() => '0', false],
  ] as const) {
    const root = await copyOf(before)
    run('apply', root, await midway())
    const record = JSON.parse(readFileSync(journalOf(root), 'utf8')) as { readonly home: string }
    const [dev = '', ino = '', born = ''] = record.home.split(':')
    writeFileSync(journalOf(root), JSON.stringify({ ...record, home: `${dev}1:${ino}:${birth(born)}` }))
    expect((await recover(root))?.outcome).toBe(isFollowed ? 'finished' : 'not followed')
  }
})

it('C6 · a link in the place of a directory is not followed when a change is finished', async () => {
  const root = await copyOf(before)
  const elsewhere = await copyOf(before)
  run('apply', root, await midway())
  rmSync(join(root, 'conf'), { recursive: true })
  symlinkSync(join(elsewhere, 'conf'), join(root, 'conf'))
  expect(await recover(root)).toMatchObject({ outcome: 'taken back', foreign: ['conf/app.env'] })
  expect(stateOf(elsewhere)).toEqual(stateOf(before))
})

it('C6 · of several at once one makes the change, and the others find it made', async () => {
  const root = await copyOf(before)
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => applyTexts(root, 'fix', CHANGES)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(String(outcome.reason)).toContain('was changed since it was read, so nothing was written')
  expect(stateOf(root)).toEqual(stateOf(after))
})

it('C6 · undo takes back what was shown, and no other change that was made since', async () => {
  const root = await copyOf(after)
  const shown = readRecord(lastOf(root), DISK)
  await takeBack(root)
  const state = stateOf(root)
  await expect(takeBack(root, DISK, shown)).rejects.toThrow('another change was made in this folder in the meantime')
  expect(stateOf(root)).toEqual(state)
})

it('C5 · git ignores what is recorded, also where a process was killed before it said so', async () => {
  const root = await copyOf(before)
  mkdirSync(join(root, STATE_FOLDER), { mode: 0o700 })
  await applyTexts(root, 'fix', CHANGES)
  expect(readdirSync(join(root, STATE_FOLDER))).toContain('.gitignore')
})

it('C6 · the rights of a file are given to no file that was put in its place', () => {
  const other = join(place, 'other')
  writeFileSync(other, 'x', { mode: 0o600 })
  chmodSync(other, 0o600)
  symlinkSync(other, join(place, 'link'))
  linkSync(other, join(place, 'second'))
  for (const name of ['link', 'second']) expect(() => DISK.give(join(place, name), { mode: 0o644, uid: 1, gid: 1 })).toThrow()
  expect(statSync(other).mode & 0o777).toBe(0o600)
})
