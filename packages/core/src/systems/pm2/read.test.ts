import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sourceTools } from '../../../../cli/src/collect/source.ts'
import { goldenCases, goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { evidenceOf, type Launch } from '../../evidence/index.ts'
import type { Tools } from '../system.ts'
import { pm2 } from './index.ts'
import { effortOf, filler } from '../../../test/effort.ts'

const tools: Tools = sourceTools
const golden = `${import.meta.dirname}/golden/apps.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(pm2, files, tools)).evidence.map(showEvidence).join('\n'))

describe('E3 · ecosystem files', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})

/** Loads the file as PM2 does, with its own code, and prints the apps that it would start. */
const ORACLE = `
const Common = require(process.argv[1])
Common.printOut = () => {}
const file = process.argv[2]
process.chdir(require('path').dirname(file))
const config = Common.parseConfig(require('fs').readFileSync(file), file)
const apps = Common.verifyConfs(config.apps || config.pm2 || config)
process.stdout.write(JSON.stringify(apps.map((app) => ({
  name: app.name, script: app.script, args: app.args || [], port: app.port, env: app.env,
  production: Common.mergeEnvironmentVariables(app, 'production').current_conf.env,
}))))
`

interface Told {
  readonly name: string
  readonly port?: number
  readonly env: Record<string, unknown>
  readonly production: Record<string, unknown>
}

function askPm2(files: ReadonlyMap<string, string>, file: string): readonly Told[] {
  const folder = mkdtempSync(join(tmpdir(), 'sp-pm2-'))
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const library = join(import.meta.dirname, '../../../../../node_modules/pm2/lib/Common.js')
    const output = execFileSync(process.execPath, ['-e', ORACLE, library, join(folder, file)], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: folder },
    })
    return JSON.parse(output) as Told[]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const environmentOf = (launch: Launch): ReadonlyMap<string, string> =>
  new Map([...launch.environment].flatMap(([name, { value }]) => (value.kind === 'known' ? [[name, String(value.value)] as const] : [])))

describe("E3 · what PM2's own code makes of the same files", () => {
  const titles = [
    'E3 · engines, each with its host',
    'E3 · common settings, spread and merged',
    'E3 · environments',
    'an app made by a function, and by map',
    'paths from __dirname and path.join',
    'args and interpreters',
    'port is a short form of PORT',
    'other files of the folder',
    'JSON, with comments',
    'YAML',
  ]
  for (const { title, files } of goldenCases(readFileSync(golden, 'utf8')).filter((one) => titles.includes(one.title))) {
    const [file = ''] = [...files.keys()].filter((path) => pm2.reads.some((pattern) => pattern.path.test(path)))
    test(title, async () => {
      const only = new Map([...files].filter(([path]) => path === file || !pm2.reads.some((pattern) => pattern.path.test(path))))
      const launches = evidenceOf((await readFolder(pm2, only, tools)).evidence, 'launch').map(({ claim }) => claim)
      const told = askPm2(only, file)
      expect(told.length).toBeGreaterThan(0)
      expect([...new Set(launches.map(({ name }) => name))]).toEqual([...new Set(told.map(({ name }) => name))])
      for (const { name, port, env, production } of told) {
        const plain = launches.find((launch) => launch.name === name && launch.environmentName === undefined)
        const given = launches.find((launch) => launch.name === name && launch.environmentName === 'production')
        const expected = port === undefined ? env : { ...env, PORT: port }
        const known = plain === undefined ? new Map() : environmentOf(plain)
        for (const key of Object.keys(expected))
          if (known.has(key)) expect({ name, key, value: known.get(key) }).toEqual({ name, key, value: String(expected[key]) })
        for (const key of Object.keys(expected))
          expect({ name, key, there: plain?.environment.has(key) }).toEqual({ name, key, there: true })
        if (given !== undefined)
          for (const [key, value] of environmentOf(given))
            expect({ name, key, value }).toEqual({ name, key, value: String(production[key]) })
      }
    })
  }
})

describe('hostile ecosystem files', () => {
  test('a longer file is not parsed, and that is said', async () => {
    const { evidence } = await readFolder(
      pm2,
      new Map([['ecosystem.config.js', `/* apps */ module.exports = ${'['.repeat(1 << 20)}`]]),
      tools,
    )
    expect(evidence.map(({ claim }) => claim)).toMatchObject([{ claim: 'gap', code: 'not-understood', affects: { kind: 'folder' } }])
  })

  const fill = filler((1 << 17) - 200)
  test.each([
    ['open brackets', `module.exports = { apps: ${fill('[')}`],
    ['open braces', `module.exports = { apps: ${fill('{a:')}`],
    ['many apps', `module.exports = { apps: [${fill("{ name: 'a', script: 'a.js' },")}] }`],
    ['a long text', `module.exports = { apps: [{ name: 'a', script: '${fill('a')}' }] }`],
    ['long arguments', `module.exports = { apps: [{ name: 'a', script: 'a.js', args: '${fill('a ')}' }] }`],
    [
      'doubling lists',
      `const a0 = [1,2]; ${Array.from({ length: 2000 }, (_, index) => `const a${index + 1} = [...a${index}, ...a${index}];`).join('')} module.exports = { apps: a2000 }`,
    ],
    [
      'doubling calls',
      `${Array.from({ length: 200 }, (_, index) => `const f${index} = () => [f${index + 1}(), f${index + 1}()];`).join('')} module.exports = { apps: f0() }`,
    ],
    ['a chain of operators', `module.exports = { apps: [{ script: ${fill("'a' + ")}'' }] }`],
    ['calls of a call', `module.exports = { apps: f${fill('()')} }`],
    ['statements', `const a = {}; ${fill('a.b.c = 1;\n')} module.exports = { apps: [] }`],
  ])(
    '%s, as long as is read',
    async (_, text) =>
      expect(await effortOf(() => readFolder(pm2, new Map([['ecosystem.config.js', `/* apps */ ${text}`]]), tools))).toBeLessThan(15_000),
    60_000,
  )
})
