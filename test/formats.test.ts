import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Ajv from 'ajv/dist/2020.js'
import { CATALOGUE } from '@sallyport/core/audit'
import { afterAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const CLI = join(root, 'packages/cli/dist/main.js')
const empty = mkdtempSync(join(tmpdir(), 'sallyport-formats-'))
afterAll(() => rmSync(empty, { recursive: true, force: true }))

function sallyport(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return { status, stdout, stderr }
}

const WRONG = 'examples/engines/wrong'
const RIGHT = 'examples/engines/right'

function schema(name: string) {
  const text = readFileSync(join(root, `docs/schema/${name}.schema.json`), 'utf8')
  return new Ajv.default({ strict: false, allErrors: true }).compile(JSON.parse(text) as object)
}

/** A deployment of its own for one test. */
function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(empty, 'folder-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

const COMPOSE = `services:
  web: { image: example/web:1, ports: ["3000:3000"] }
  worker: { image: example/worker:1, expose: ["9100"] }
  db: { image: example/db:1, ports: ["127.0.0.1:15432:5432"] }
`
const POLICY = `version: 1
name: shop
sources: { office: 198.51.100.0/24 }
services:
  web: { port: 3000, from: internet, domain: shop.example.com }
  ghost: { port: 4444, from: office }
  db: { port: 15432 }
`

describe('formats', () => {
  const validate = schema('check')

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

  it.each([
    ['explain', ['explain', 'billing-engine', '--folder', WRONG]],
    ['explain', ['explain', 'billing-engine', '--folder', WRONG, '--from', '198.51.100.7', '--protocol', 'tcp']],
    ['ports', ['ports', WRONG]],
  ] as const)('JSON of %s %j is what the published schema says', (name, args) => {
    const { stdout, stderr, status } = sallyport(...args, '--format', 'json')
    expect([status, stderr]).toEqual([0, ''])
    const check = schema(name)
    check(JSON.parse(stdout))
    expect(check.errors ?? []).toEqual([])
    expect(check({ version: 2 })).toBe(false)
  })

  it.each([
    [['explain', '22', '--folder', empty, '--format', 'sarif'], /Allowed choices are text, json/],
    [['ports', '--format', 'sarif'], /Allowed choices are text, json/],
    [['init', '--format', 'json'], /unknown option '--format'/],
    [['init', '--environment', 'production'], /unknown option '--environment'/],
  ] as const)('%j is refused, not ignored', (args, reason) => {
    const { stdout, stderr, status } = sallyport(...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(reason)
  })

  it('what cannot run says so on stderr and leaves stdout empty, in every format', () => {
    for (const format of ['text', 'json', 'sarif']) {
      const { stdout, stderr, status } = sallyport('check', '/no/such/folder', '--format', format)
      expect([status, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/^sallyport: there is no folder/)
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

describe('explain', () => {
  const deployment = () => folder({ 'docker-compose.yml': COMPOSE, 'sallyport.yaml': POLICY })

  it('C3 · a compose service that does not run: where it is declared, how it is published, what would close it', () => {
    const { stdout } = sallyport('explain', 'web', '--folder', deployment())
    expect(stdout).toContain('declared at sallyport.yaml:5:3: tcp 3000 for internet')
    expect(stdout).toContain('started by compose, as web  docker-compose.yml:2:3')
    expect(stdout).toMatch(/tcp 3000 {2}every interface {2}docker-compose\.yml:2:\d+/)
    expect(stdout).toMatch(/to close it: publish 3000 on 127\.0\.0\.1/)
  })

  it('C3 · by its port, and by its network only', () => {
    const path = deployment()
    expect(sallyport('explain', '15432', '--folder', path).stdout).toMatch(/^db: not running[^]*this machine only[^]*to open it:/)
    expect(sallyport('explain', 'worker', '--folder', path).stdout).toMatch(
      /tcp 9100 {2}its container network only[^]*to open it: publish it/,
    )
  })

  it('C3 · what runs nowhere and is started by nothing', () => {
    const { stdout, status } = sallyport('explain', 'ghost', '--folder', deployment())
    expect(status).toBe(0)
    expect(stdout).toContain('declared at sallyport.yaml:6:3: tcp 4444 for office')
    expect(stdout).toContain('Nothing that was read starts it')
  })

  it.each([
    ['loopback', 'From loopback: ARRIVES'],
    ['127.0.0.1', 'From 127.0.0.1: ARRIVES'],
    ['localhost', 'From loopback: ARRIVES'],
    ['10.0.0.1', 'No packet of 10.0.0.1 comes this far'],
    ['198.51.100.0/25', 'No packet of 198.51.100.0/25 comes this far'],
    ['office', 'No packet of office (198.51.100.0/24) comes this far'],
    ['neighbours', 'No packet of neighbours comes this far'],
    ['private', 'No packet of neighbours comes this far'],
    ['internet', 'No packet of the internet comes this far'],
    ['host', 'No packet of containers of this machine comes this far'],
    ['web', 'From web (this machine): ARRIVES'],
  ])('C3 · --from %s says what was asked', async (from, said) => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const { stdout, stderr } = sallyport('explain', String(port), '--folder', deployment(), '--from', from)
      expect(stderr).toBe('')
      expect(stdout).toContain(said)
    } finally {
      server.close()
    }
  })

  it('--from a name that nobody has is refused with those that there are', () => {
    const { stderr, status } = sallyport('explain', 'web', '--folder', deployment(), '--from', 'offfice')
    expect(status).toBe(2)
    expect(stderr).toMatch(/no source is called offfice[^]*office/)
  })
})

describe('ports', () => {
  it('V7 · tells who has a port, once, and proposes free ones of level 3 and 4', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(9847, '127.0.0.1', resolve))
    try {
      const path = folder({ 'docker-compose.yml': COMPOSE, 'sallyport.yaml': POLICY })
      const { stdout } = sallyport('ports', path, '--format', 'json')
      const data = JSON.parse(stdout) as {
        inUse: { ports: { first: number }; service: string; state: string; by: string[] }[]
        free: { use: string; port: number; level: number }[]
      }
      const at = (port: number) => data.inUse.filter((item) => item.ports.first === port)
      expect(at(9847)).toHaveLength(1)
      expect(at(9847)[0]?.by).toEqual([expect.stringMatching(new RegExp(`, pid ${process.pid}$`))])
      expect(at(15432)).toMatchObject([{ service: 'db', state: 'declared' }])
      expect(at(4444)).toMatchObject([{ service: 'ghost', state: 'declared' }])
      expect(at(9100)).toEqual([])
      expect(data.free.map(({ use }) => use)).toEqual(['development', 'internal', 'production'].flatMap((use) => [use, use, use]))
      for (const { port, level } of data.free) {
        expect(level).toBeGreaterThanOrEqual(3)
        expect(at(port)).toEqual([])
      }
    } finally {
      server.close()
    }
  })
})

describe('init', () => {
  it('replaces the policy that is there, and never writes beside it', () => {
    const path = folder({ 'server.js': "require('http').createServer().listen(3000, '127.0.0.1')", 'sallyport.yml': 'version: 1\n' })
    const refused = sallyport('init', path)
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain('sallyport.yml is there already')
    expect(sallyport('init', path, '--force').status).toBe(0)
    expect(readdirSync(path)).toEqual(['sallyport.yml', 'server.js'])
    expect(readFileSync(join(path, 'sallyport.yml'), 'utf8')).toContain('port: 3000')
  })

  it('stops before a sallyport.json, and says what to do', () => {
    const path = folder({ 'server.js': "require('http').createServer().listen(3000)", 'sallyport.json': '{}' })
    const { status, stderr } = sallyport('init', path)
    expect(status).toBe(2)
    expect(stderr).toMatch(/sallyport\.json is there already\n.*--policy/)
    expect(readdirSync(path)).toEqual(['sallyport.json', 'server.js'])
  })

  it('two policies in one folder are an error of every command', () => {
    const path = folder({ 'sallyport.yml': POLICY, 'sallyport.yaml': POLICY })
    for (const args of [
      ['check', path],
      ['init', path, '--force'],
      ['explain', 'web', '--folder', path],
    ]) {
      const { status, stderr } = sallyport(...args)
      expect(status).toBe(2)
      expect(stderr).toContain('there are two policies')
    }
  })
})

describe('command line', () => {
  it('C4 · --environment that chooses nothing is told', () => {
    const { stderr } = sallyport('check', empty, '--scope', 'folder', '--environment', 'production')
    expect(stderr).toContain('there is no policy here, so --environment production changes nothing')
    const path = folder({ 'sallyport.yaml': POLICY })
    expect(sallyport('check', path, '--scope', 'folder', '--environment', 'production').stderr).toMatch(/no environments.*production/)
  })

  it('C5 · what was typed is said again without control characters and secrets', () => {
    const typed = '\u001b]0;x\u0007\u202e\u001b[2J'
    for (const args of [
      ['check', typed],
      ['check', empty, '--policy', typed],
      ['check', `--${typed}`],
      ['check', '--format', typed],
      [typed],
      ['explain', typed, '--folder', empty],
      ['explain', '22', '--folder', empty, '--from', typed],
      ['ports', typed],
      ['init', typed],
      ['check', empty, '--environment', typed, '--scope', 'folder'],
    ]) {
      const { stdout, stderr } = sallyport(...args)
      expect(stderr, JSON.stringify(args)).not.toBe('')
      expect(stdout + stderr, JSON.stringify(args)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    }
  })

  it('prose is wrapped where the width is told, and whole in a pipe', () => {
    const args = ['check', WRONG, '--scope', 'folder']
    const why = (text: string) => text.split('\n').filter((line) => / why | fix /.test(line))
    expect(why(sallyport(...args).stdout).some((line) => line.length > 100)).toBe(true)
    const { stdout } = spawnSync(process.execPath, [CLI, ...args], { cwd: root, encoding: 'utf8', env: { ...process.env, COLUMNS: '80' } })
    expect(why(stdout).filter((line) => line.length > 80)).toEqual([])
  })

  it('prints the version that the package has', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8')) as { version: string }
    expect(sallyport('--version').stdout.trim()).toBe(version)
  })

  it('an answer that cannot be written exits 2: without a word into a closed pipe, with the reason onto a full disk', () => {
    const run = (command: string) => spawnSync('bash', ['-c', command, CLI], { cwd: root, encoding: 'utf8' })
    const check = `"${process.execPath}" "$0" check ${WRONG} --scope folder --format json`
    expect(run(`set -o pipefail; ${check} | true`)).toMatchObject({ status: 2, stderr: '' })
    const { status, stderr } = run(`${check} > /dev/full`)
    expect(status).toBe(2)
    expect(stderr).toMatch(/^sallyport: the answer could not be written: ENOSPC.*\n {2}make room/)
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
