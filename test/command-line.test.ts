import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLI, folder, POLICY, ROOT, sallyport } from './cli.ts'

const empty = folder()
const WRONG = 'examples/engines/wrong'
const RIGHT = 'examples/engines/right'

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
    const { stdout } = spawnSync(process.execPath, [CLI, ...args], { cwd: ROOT, encoding: 'utf8', env: { ...process.env, COLUMNS: '80' } })
    expect(why(stdout).filter((line) => line.length > 80)).toEqual([])
  })

  it('prints the version that the package has', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'packages/cli/package.json'), 'utf8')) as { version: string }
    expect(sallyport('--version').stdout.trim()).toBe(version)
  })

  it('what the system refuses is said as such, and not as a mistake of the program', () => {
    const path = folder({ 'server.js': "require('http').createServer().listen(3000, '127.0.0.1')" })
    expect(sallyport('check', empty, '--policy', path).stderr).toMatch(/could not be read: it is no file/)
    const target = join(path, 'sallyport.yaml')
    // A link to nowhere that can be written, also for root.
    symlinkSync('/proc/version/policy', target)
    const { status, stdout, stderr } = sallyport('init', path)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^sallyport: the policy could not be written: E\w+.*\n {2}print it with --stdout/)
  })

  it('an answer that cannot be written exits 2: without a word into a closed pipe, with the reason onto a full disk', () => {
    const run = (command: string) => spawnSync('bash', ['-c', command, CLI], { cwd: ROOT, encoding: 'utf8' })
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
