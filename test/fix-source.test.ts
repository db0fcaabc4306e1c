import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { GO_FRAMEWORKS } from '../packages/core/src/systems/go/frameworks.ts'
import { CONFIGURATION_ROWS, SERVER_ROWS } from '../packages/core/src/systems/javascript/frameworks/index.ts'
import { PYTHON_FRAMEWORKS } from '../packages/core/src/systems/python/frameworks.ts'
import { sourceTools } from '../packages/cli/src/collect/source.ts'
import { applied, bindsIn, casesOf, changeOf, fixed, isExposed, isWhole, readsVariable, update } from './fix-source/corpus.ts'

if (process.env['SALLYPORT_UPDATE_GOLDEN'] === '1') await update()

const CASES = casesOf()
/** What an editor says where the environment has no say, before as after. */
const NOT_READ = /is not read for this host/
/** Configuration of development servers: their command lines say another host. */
const SETTINGS = /-configuration$/

describe('what binds every address, before and after', () => {
  test('E2 · are more than a hundred programs in three languages', () => {
    expect(CASES.length).toBeGreaterThan(100)
  })

  test('are of every framework that is read', async () => {
    const rows = [...SERVER_ROWS, ...CONFIGURATION_ROWS, ...PYTHON_FRAMEWORKS, ...GO_FRAMEWORKS]
    const seen = new Set<string>()
    for (const { before } of CASES) for (const { claim } of await bindsIn(before)) seen.add(claim.framework)
    // The guard binds nothing but loopback, and its own code refuses what is not.
    expect(rows.map(({ id }) => id).filter((id) => !seen.has(id))).toEqual(['@sallyport/guard'])
  })

  test.each(CASES.map((one) => [[...one.proves, one.name].join(' · '), one] as const))(
    '%s',
    async (_, { name, before, after, refused }) => {
      const result = await fixed(before)
      expect([...result.files]).toEqual([...after])
      expect(result.refused.join('\n')).toBe(refused ?? '')
      const binds = await bindsIn(result.files)
      if (refused !== undefined) return
      expect([...before, ...result.files].filter(([path, text]) => !isWhole(path, text)).map(([path]) => path)).toEqual([])
      // The reader that found it says that it is cured, and that HOST has a say.
      expect(
        binds
          .filter(({ claim }) => isExposed(claim))
          .map(({ origin, claim }) => `${origin.path}:${origin.span.start.line} ${claim.framework}`),
      ).toEqual([])
      if (SETTINGS.test(name) || result.notes.some((note) => NOT_READ.test(note))) return
      expect(binds.filter(({ claim }) => !mayChange(claim.host)).map(({ claim }) => claim.framework)).toEqual([])
    },
  )
})

/** HOST, a variable of the program's own, or its command line. */
const mayChange = (host: Parameters<typeof readsVariable>[0]): boolean =>
  readsVariable(host, 'HOST') || host.kind === 'argument' || host.kind === 'environment'

/** HOST is set for a program that binds this machine alone and never reads it: the other side of the hand-off. */
const SAFE: readonly (readonly [path: string, text: string])[] = [
  ['server.js', "const express = require('express')\nexpress().listen(3000, '127.0.0.1')\n"],
  ['server.js', "const express = require('express')\nconst HOST = 'localhost'\nexpress().listen(3000, HOST)\n"],
  ['server.js', "const fastify = require('fastify')()\nfastify.listen({ port: 3000 })\n"],
  ['main.py', 'import uvicorn\nuvicorn.run(app, host="127.0.0.1", port=8000)\n'],
  ['main.py', 'import uvicorn\nuvicorn.run(app, port=8000)\n'],
  ['main.go', 'package main\n\nimport "net/http"\n\nfunc main() {\n\thttp.ListenAndServe("127.0.0.1:8080", nil)\n}\n'],
]

test.each(SAFE)('E3 · E8 · %s is made to read HOST, and binds what it bound: %j', async (path, text) => {
  const files = new Map([
    [path, text],
    ['go.mod', 'module example.com/app\n\ngo 1.19\n'],
  ])
  const [bind] = await bindsIn(files)
  if (bind === undefined) throw new Error('nothing binds')
  const editor = await bind.system.edits?.load()
  const edited = editor?.edit(changeOf(bind), { file: (name) => ({ kind: 'text', text: files.get(name) ?? '' }) }, sourceTools)
  if (edited?.kind !== 'edits') throw new Error(edited?.why)
  const [after] = await bindsIn(applied(files, edited.edits))
  expect(after).toBeDefined()
  expect(after !== undefined && readsVariable(after.claim.host, 'HOST')).toBe(true)
  expect(after !== undefined && isExposed(after.claim)).toBe(false)
})

/** Folders of the labelled sets: whole programs, of which nobody thought of `fix`. */
const SETS: readonly string[] = ['labelled', 'labelled-go', 'heldout']

function folders(): readonly (readonly [name: string, files: ReadonlyMap<string, string>])[] {
  return SETS.flatMap((set) => {
    const directory = fileURLToPath(new URL(`${set}/`, import.meta.url))
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      if (!entry.isDirectory()) return []
      const all = readdirSync(join(directory, entry.name), { recursive: true, withFileTypes: true, encoding: 'utf8' })
      const files = all.flatMap((file) => {
        const path = join(file.parentPath, file.name)
        return file.isFile() ? [[relative(join(directory, entry.name), path), readFileSync(path, 'utf8')] as const] : []
      })
      return [[`${set}/${entry.name}`, new Map(files)] as const]
    })
  })
}

describe('programs that were written for other tests', () => {
  const all = folders()
  let exposed = 0
  let cured = 0

  test.each(all)('E2 · P9 · %s is cured of every bind that no reason is given for', async (_, files) => {
    const before = (await bindsIn(files)).filter(({ claim }) => isExposed(claim))
    if (before.length === 0) return
    const result = await fixed(files)
    const left = (await bindsIn(result.files)).filter(({ claim }) => isExposed(claim))
    expect(left.length).toBeLessThanOrEqual(result.refused.length)
    expect(result.refused.filter((why) => why === '')).toEqual([])
    const broken = [...result.files].filter(([path, text]) => isWhole(path, files.get(path) ?? '') && !isWhole(path, text))
    expect(broken.map(([path]) => path)).toEqual([])
    exposed += before.length
    cured += before.length - left.length
  })

  test('most of them are', () => {
    expect(exposed).toBeGreaterThan(100)
    expect(cured / exposed).toBeGreaterThan(0.85)
  })
})
