import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Ajv from 'ajv/dist/2020.js'
import { CATALOGUE } from '@sallyport/core/audit'
import { afterAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const empty = mkdtempSync(join(tmpdir(), 'sallyport-formats-'))
afterAll(() => rmSync(empty, { recursive: true, force: true }))

function sallyport(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'packages/cli/dist/main.js'), ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return { status, stdout, stderr }
}

const WRONG = 'examples/engines/wrong'
const RIGHT = 'examples/engines/right'

describe('formats', () => {
  const validate = new Ajv.default({ strict: false, allErrors: true }).compile(
    JSON.parse(readFileSync(join(root, 'docs/schema/check.schema.json'), 'utf8')) as object,
  )

  it.each([
    [WRONG, '--scope', 'folder'],
    [RIGHT, '--scope', 'folder'],
    ['.', '--scope', 'host'],
  ])('JSON of %s %s %s is what the published schema says', (...args) => {
    const { stdout } = sallyport('check', ...args, '--format', 'json')
    const valid = validate(JSON.parse(stdout))
    expect(validate.errors ?? []).toEqual([])
    expect(valid).toBe(true)
  })

  it('the schema refuses another shape', () => {
    expect(validate({ version: 2 })).toBe(false)
  })

  it('SARIF names every rule, and each result has a place in a file that is there', () => {
    const { stdout } = sallyport('check', WRONG, '--scope', 'folder', '--format', 'sarif')
    const log = JSON.parse(stdout) as {
      version: string
      runs: {
        tool: { driver: { rules: { id: string }[] } }
        results: {
          ruleId: string
          locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[]
        }[]
      }[]
    }
    expect(log.version).toBe('2.1.0')
    const [run] = log.runs
    expect(run?.tool.driver.rules.map((rule) => rule.id)).toEqual(CATALOGUE.map((rule) => rule.id))
    expect(run?.results.length).toBeGreaterThan(8)
    for (const result of run?.results ?? []) {
      const place = result.locations[0]?.physicalLocation
      const lines = readFileSync(join(root, WRONG, place?.artifactLocation.uri ?? ''), 'utf8').split('\n')
      expect(place?.region.startLine).toBeLessThanOrEqual(lines.length)
    }
  })

  it('the same folder gives the same report twice', () => {
    const once = sallyport('check', WRONG, '--scope', 'folder', '--format', 'json').stdout
    expect(sallyport('check', WRONG, '--scope', 'folder', '--format', 'json').stdout).toBe(once)
  })
})

describe('exit codes', () => {
  it.each([
    ['findings at or above high', ['check', WRONG, '--scope', 'folder'], 1],
    ['a look only', ['check', WRONG, '--scope', 'folder', '--fail-on', 'never'], 0],
    ['nothing as bad as critical', ['check', WRONG, '--scope', 'folder', '--fail-on', 'critical'], 0],
    ['a clean folder', ['check', empty, '--scope', 'folder'], 0],
    ['no such folder', ['check', '/no/such/folder'], 2],
    ['a file in place of a folder', ['check', join(root, 'package.json')], 2],
    ['no such policy', ['check', empty, '--policy', '/no/such/policy.yaml'], 2],
    ['an unknown flag', ['check', '--no-such-flag'], 2],
    ['an unknown command', ['chek'], 2],
    ['nothing to explain', ['explain', 'no-such-service', '--folder', empty], 2],
  ])('%s: %j exits %i', (_, args, code) => {
    const { status, stdout, stderr } = sallyport(...args)
    expect(status).toBe(code)
    if (code === 2) {
      expect(stdout).toBe('')
      expect(stderr).not.toBe('')
      expect(stderr).not.toMatch(/^\s+at .*\.js:\d+/m)
    }
  })

  it('suggests the command that was meant', () => {
    expect(sallyport('chek').stderr).toContain('check')
  })
})

describe('command line', () => {
  it('prints the version that the package has', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8')) as { version: string }
    expect(sallyport('--version').stdout.trim()).toBe(version)
  })

  it('colours nothing that goes into a pipe', () => {
    expect(sallyport('check', WRONG, '--scope', 'folder').stdout).not.toContain('\u001b')
  })

  it('C1 · init writes a policy with which check finds only what is worth finding', () => {
    const { stdout, status } = sallyport('init', RIGHT, '--stdout')
    expect(status).toBe(0)
    for (const port of [7001, 7008, 3002, 8000]) expect(stdout).toContain(`port: ${port}`)
    expect(stdout).toContain('from: loopback')
  })
})
