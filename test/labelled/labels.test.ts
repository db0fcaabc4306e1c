import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { banditFindings } from './bandit.ts'
import { GO, HELD_OUT, type LabelledFolder, readLabelled } from './label.ts'

const folders = await readLabelled()

/** True when a text search for 0.0.0.0 or for listen( hits the project. */
async function hasBait({ path }: LabelledFolder): Promise<boolean> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'label.json')
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))
  return texts.some((text) => /0\.0\.0\.0|\blisten\(/.test(text))
}

describe('the labelled set', () => {
  it('is large, and hard for a text search', async () => {
    const closed = folders.filter(({ label }) => label.servers.every(({ exposure }) => exposure === 'loopback' || exposure === 'internal'))
    const bait = await Promise.all(closed.map(hasBait))
    const undecided = folders.filter(({ label }) => label.servers.some(({ exposure }) => exposure === 'undecided'))
    expect(folders.length).toBeGreaterThanOrEqual(70)
    expect(bait.filter(Boolean).length).toBeGreaterThanOrEqual(20)
    expect(undecided.length).toBeGreaterThanOrEqual(10)
  })

  it.each(folders.map((folder) => [folder.name, folder.label] as const))('%s is labelled in full', (_name, label) => {
    const undecided = label.servers.some(({ exposure }) => exposure === 'undecided')
    const alternatives = new Set(label.alternatives?.map(({ exposure }) => exposure))
    if (label.confirmed) expect(label.runnable).not.toBeNull()
    // What is undecided must be seen both ways, else it is decided.
    expect([...alternatives].sort()).toEqual(undecided && label.runnable ? ['loopback', 'open'] : [])
    const identities = label.servers.map(({ protocol, port, place }) => `${protocol} ${port ?? `${place.file}:${place.line}`}`)
    expect(new Set(identities).size).toBe(identities.length)
  })
})

it('the held-out set is labelled in full', async () => {
  const held = await readLabelled(HELD_OUT)
  expect(held.length).toBe(60)
  for (const { name, label } of held) if (label.confirmed) expect(label.runnable ?? label.alternatives, name).toBeTruthy()
})

it('the set of Go projects is labelled in full', async () => {
  expect((await readLabelled(GO)).length).toBeGreaterThanOrEqual(15)
})

describe.skipIf(!existsSync('/usr/bin/bandit'))('Bandit on the labelled set', () => {
  it('names folder, file and line', async () => {
    const findings = await banditFindings('strings')
    expect(findings).toContainEqual({ folder: '119-uvicorn-run-any', file: 'main.py', line: 17 })
    expect(findings.filter(({ file }) => !file.endsWith('.py'))).toEqual([])
  })
})
