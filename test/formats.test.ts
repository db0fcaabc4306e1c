import { readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Ajv from 'ajv/dist/2020.js'
import { CATALOGUE } from '@sallyport/core/audit'
import type { Log } from 'sarif'
import { describe, expect, it } from 'vitest'
import { COMPOSE, folder, ROOT, sallyport } from './cli.ts'

const empty = folder()
const WRONG = 'examples/engines/wrong'
const RIGHT = 'examples/engines/right'

function schema(name: string) {
  const text = readFileSync(join(ROOT, `docs/schema/${name}.schema.json`), 'utf8')
  return new Ajv.default({ strict: false, allErrors: true }).compile(JSON.parse(text) as object)
}

/** The names of the elements of a document, in order. Fails where XML 1.0 would not take it. */
function elementsOf(document: string): readonly string[] {
  const body = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '')
  const open: string[] = []
  const names: string[] = []
  const rest = body.replaceAll(
    /<(\/?)(\w[\w-]*)((?: \w+="(?:[^"<&]|&(?:amp|lt|gt|quot);)*")*)(\/?)>/g,
    (_, closes: string, name: string, __, empty: string) => {
      if (closes === '/') expect(open.pop()).toBe(name)
      else names.push(name)
      if (closes === '' && empty === '') open.push(name)
      return ''
    },
  )
  expect(open).toEqual([])
  expect(rest.replaceAll(/&(?:amp|lt|gt|quot);/g, '')).not.toMatch(/[<&]/)
  return names
}

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

  it.each([
    [WRONG, 'high', 1],
    [WRONG, 'critical', 0],
    [RIGHT, 'high', 0],
  ])('C1 · JUnit of %s with --fail-on %s has a case for each rule, and %i suite that fails', (path, failOn, failing) => {
    const { stdout, status } = sallyport('check', path, '--scope', 'folder', '--format', 'junit', '--fail-on', failOn)
    const names = elementsOf(stdout)
    expect(names.filter((name) => name === 'testcase').length).toBe(CATALOGUE.length)
    expect(Number(/ failures="(\d+)"/.exec(stdout)?.[1])).toBe(names.filter((name) => name === 'failure').length)
    expect([names.includes('failure'), status]).toEqual([failing > 0, failing])
  })

  it('C1 · JUnit and Markdown hold whatever a deployment is called', () => {
    const name = 'a<b>|`c`*&"\'_[x](y)'
    const made = folder({
      'sallyport.yaml': `version: 1\nservices: { web: { port: 3000, run: { pm2: ${JSON.stringify(name)} } } }\n`,
      'ecosystem.config.js': `module.exports = { apps: [{ name: ${JSON.stringify(name)}, script: 'web.js' }, { name: ${JSON.stringify(`${name}2`)}, script: 'other.js' }] }`,
      'web.js': "require('http').createServer().listen(3000)",
      'other.js': "require('http').createServer().listen(3001)",
    })
    expect(elementsOf(sallyport('check', made, '--scope', 'folder', '--format', 'junit').stdout)).toContain('failure')
    const { stdout } = sallyport('check', made, '--scope', 'folder', '--format', 'markdown')
    expect(stdout).toContain('a&lt;b\\>\\|\\`c\\`\\*&amp;')
    expect(stdout.replaceAll('&lt;', '')).not.toContain('<b>')
    for (const row of stdout.split('\n').filter((line) => line.startsWith('|'))) expect(row.match(/(?<!\\)\|/g)).toHaveLength(4)
  })

  it('C1 · what is captured of a host is told as a look at it, of several one by one', () => {
    const before = sallyport('capture').stdout
    const here = folder({ 'a.jsonl': before, 'b.jsonl': before.replaceAll(/"host":"[^"]*"/g, '"host":"another"') })
    writeFileSync(join(here, 'web.js'), "require('http').createServer().listen(3999)")
    const one = sallyport('check', here, '--evidence', join(here, 'a.jsonl'), '--format', 'json', '--fail-on', 'never')
    expect(one.stdout).not.toContain('web.js')
    expect(sallyport('check', here, '--evidence', join(here, 'a.jsonl'), '--scope', 'both').stdout).toContain('web.js')
    expect(validate(JSON.parse(one.stdout)), JSON.stringify(validate.errors)).toBe(true)
    const both = ['check', here, '--evidence', join(here, 'a.jsonl'), join(here, 'b.jsonl'), '--fail-on', 'never']
    const { hosts } = JSON.parse(sallyport(...both, '--format', 'json').stdout) as { hosts: { host: { name: string } }[] }
    expect(hosts.map(({ host }) => host.name)[1]).toBe('another')
    expect(validate({ version: 1, tool: { name: 'sallyport', version: '0' }, hosts }), JSON.stringify(validate.errors)).toBe(true)
    expect(sallyport(...both).stdout).toContain('sallyport check: another as of 20')
    const { runs } = JSON.parse(sallyport(...both, '--format', 'sarif').stdout) as Log
    expect(runs.map(({ automationDetails }) => automationDetails?.id)[1]).toBe('sallyport/another')
    const diff = sallyport('diff', join(here, 'a.jsonl'), join(here, 'b.jsonl'), '--format', 'json')
    const validateDiff = schema('diff')
    expect(validateDiff(JSON.parse(diff.stdout)), JSON.stringify(validateDiff.errors)).toBe(true)
    expect(sallyport('diff', join(here, 'a.jsonl'), join(here, 'b.jsonl')).stdout).toContain('every packet fares as before.')
  })

  it.each([
    ['twice one host', ['check', '--evidence', 'a', 'a'], /both of the host/],
    ['two hosts at once', ['explain', '22', '--evidence', 'a', 'b'], /one host at a time/],
    ['of a folder alone', ['check', '--scope', 'folder', '--evidence', 'a'], /--scope folder looks at no host/],
    ['what is not there', ['check', '--evidence', 'none'], /there is no file/],
  ])('C1 · evidence %s is refused with what to do', (_, args, message) => {
    const text = sallyport('capture').stdout
    const here = folder({ a: text, b: text.replaceAll(/"host":"[^"]*"/g, '"host":"another"') })
    const { status, stderr } = sallyport(...args.map((word) => (/^(?:a|b|none)$/.test(word) ? join(here, word) : word)))
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)])
    expect(stderr.trim().split('\n').length).toBeGreaterThan(1)
  })

  it('JSON of a compose file says what it opens on this machine, as the text does', () => {
    const compose = `services:
  cache: { image: redis:7, ports: ["127.0.0.1:6380:6379"] }
  api: { image: example/api, ports: ["8100:80"] }
  inner: { image: example/inner, expose: ["9000"] }
`
    const { stdout } = sallyport('check', folder({ 'compose.yaml': compose }), '--scope', 'folder', '--format', 'json')
    const { services } = JSON.parse(stdout) as { services: { name: string; afterStart: { port: number; exposure: string }[] }[] }
    expect(services.map(({ name, afterStart }) => [name, afterStart.map(({ port, exposure }) => `${port} ${exposure}`)])).toEqual([
      ['cache', ['6380 loopback']],
      ['api', ['8100 every-interface']],
      ['inner', ['9000 internal']],
    ])
  })

  it('C4 · of a file full of what cannot be read text tells the first few, and all of it with --verbose', () => {
    const broken = folder({ 'nginx.conf': 'http {\n  ;\n  ;\n  {\n  server { listen 80; }\n  bad-one;\n  bad-two;\n  bad-three;\n}\n' })
    const notSeen = (...flags: string[]) => {
      const { stdout } = sallyport('check', broken, '--scope', 'folder', ...flags)
      const [, after = ''] = stdout.split('Not seen\n')
      return (after.split('\n\n')[0] ?? '').split('\n')
    }
    const short = notSeen()
    const left = short.findIndex((line) => /^ {2}\d+ more of nginx\.conf \(--verbose tells them\)$/.test(line))
    expect(left).toBe(3)
    expect(short[0]).toMatch(/ and 1 more place$/)
    expect(notSeen('--verbose').length).toBeGreaterThan(4)
  })

  it('C1 · text lists what is accepted, by whom and until when; what was not read has a place without a line', () => {
    const policy = `version: 1
name: shop
services:
  web: { port: 3000 }
accept:
  - { rule: undecided, path: web.js, reason: filled in before it runs, by: ops, until: 2099-01-02 }
`
    const made = folder({ 'web.js': 'require("http").createServer().listen(3000, "127.0.0.1")\0', 'sallyport.yaml': policy })
    const { stdout } = sallyport('check', made, '--scope', 'folder')
    expect(stdout).toContain(`No findings.

Accepted
  INFO     It cannot be told what web.js starts or binds: web.js was not read: it is binary  undecided
           web.js  web.js was not read: it is binary
           accepted by ops, until 2099-01-02, at sallyport.yaml:6:5: filled in before it runs
`)
    expect(stdout).not.toContain('web.js:1:1')
  })

  it('V3 E8 · text names a CORS setting as such, and does not call code right that gives no host', () => {
    const files = {
      'server.js': "const app = require('express')()\napp.use(require('cors')({ origin: '*' }))\napp.listen(3000, '127.0.0.1')\n",
      'app.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
      'package.json': '{ "scripts": { "start": "uvicorn app:app --host 0.0.0.0 --port 8100" } }',
    }
    const { stdout } = sallyport('check', folder(files), '--scope', 'folder')
    expect(stdout).toContain('MEDIUM   The CORS setting origin lets scripts of any site read the answers')
    expect(stdout).toContain('host-overridden')
    expect(stdout).toContain('why What opens it is said where it is started')
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
      const lines = readFileSync(join(ROOT, WRONG, place?.artifactLocation.uri ?? ''), 'utf8').split('\n')
      expect(place?.region.startLine).toBeLessThanOrEqual(lines.length)
    }
  })

  it('SARIF: a finding of the machine alone has a physical location too, and paths have a base', async () => {
    // The port of a data store: found with a policy and without.
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(9042, '0.0.0.0', resolve))
    try {
      for (const [files, uri] of [
        [{ 'sallyport.yaml': 'version: 1\nservices:\n  gone: { port: 14874 }\n' }, 'sallyport.yaml'],
        [{ 'docker-compose.yml': COMPOSE }, 'docker-compose.yml'],
        [{}, 'sallyport.yaml'],
      ] as const) {
        const path = folder(files)
        const log = JSON.parse(sallyport('check', path, '--format', 'sarif').stdout) as Log
        const [run] = log.runs
        expect(run?.originalUriBaseIds?.['SRCROOT']?.uri).toBe(`${pathToFileURL(realpathSync(path)).href}/`)
        const ofMachine = run?.results?.filter((result) => result.locations?.[0]?.logicalLocations !== undefined) ?? []
        expect(ofMachine).not.toEqual([])
        for (const result of ofMachine)
          expect(result.locations?.[0]?.physicalLocation).toMatchObject({
            artifactLocation: { uri, uriBaseId: 'SRCROOT' },
            region: { startLine: 1 },
          })
        for (const result of run?.results ?? []) expect(result.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBeTruthy()
      }
    } finally {
      server.close()
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
    ['a file in place of a folder', ['check', join(ROOT, 'package.json')], 2],
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
