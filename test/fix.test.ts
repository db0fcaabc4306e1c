import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLI, folder, sallyport } from './cli.ts'

/** The command as it is typed: what it shows, what it writes, and what it refuses. */

const CANARY = 'kQ7vX2mN9pR4sT8wZ3bF6hJ1'
const SERVER = "require('express')().listen(9101)\n"
const FIXED = "const HOST = process.env.HOST || '127.0.0.1'\nrequire('express')().listen(9101, HOST)\n"
const POLICY = 'version: 1\nname: shop\nservices:\n  server: { port: 9101 }\n  db: { port: 5432 }\n'
const COMPOSE = 'services:\n  db: { image: postgres, ports: ["5432:5432"] }\n'

const shop = (more: Readonly<Record<string, string>> = {}): string =>
  folder({ 'sallyport.yaml': POLICY, 'server.js': SERVER, 'compose.yaml': COMPOSE, ...more })

const read = (root: string, path: string): string => readFileSync(join(root, path), 'utf8')

/** On a terminal of its own, with these answers typed. */
function onTerminal(answers: string, ...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const command = [process.execPath, CLI, ...args].map((word) => `'${word}'`).join(' ')
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { input: answers, encoding: 'utf8', timeout: 60_000 })
  return { status, output: stdout }
}

/** Access control list and attribute of a file, by Python, since Node has no call for them: `set`, or printed. */
const ATTRIBUTES = `import os, struct, sys
path, what = sys.argv[1:]
if what == 'set':
    rows = [(1, 6, 0xffffffff), (2, 6, 65534), (4, 0, 0xffffffff), (16, 6, 0xffffffff), (32, 0, 0xffffffff)]
    os.setxattr(path, 'system.posix_acl_access', struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *row) for row in rows))
    os.setxattr(path, 'user.note', b'kept')
print(oct(os.stat(path).st_mode), sorted((name, os.getxattr(path, name)) for name in os.listxattr(path)))
`
const attributes = (path: string, what: 'set' | 'get') =>
  spawnSync('/usr/bin/python3', ['-c', ATTRIBUTES, path, what], { encoding: 'utf8' })

describe('what it shows', () => {
  it('C6 · --dry-run shows every diff, writes nothing, and ends as check would', () => {
    const root = shop()
    const { status, stdout, stderr } = sallyport('fix', '--folder', root, '--dry-run')
    expect(stdout).toContain("  -require('express')().listen(9101)\n  +const HOST = process.env.HOST || '127.0.0.1'\n")
    expect(stdout).toContain('@@ server.js:1')
    expect(stdout).toContain('+  db: { image: postgres, ports: ["127.0.0.1:5432:5432"] }')
    expect([status, stderr]).toEqual([1, 'nothing was written: --dry-run\n'])
    expect([read(root, 'server.js'), read(root, 'compose.yaml'), existsSync(join(root, '.sallyport'))]).toEqual([SERVER, COMPOSE, false])
  })

  it('C6 · without a terminal nothing is written unless --yes is said', () => {
    const root = shop()
    const { status, stderr } = sallyport('fix', '--folder', root)
    expect([status, read(root, 'server.js')]).toEqual([2, SERVER])
    expect(stderr).toContain('run it again with --yes')
  })

  it('E2, M1 · --yes cures both, and check has nothing more to say', () => {
    const root = shop()
    const { status, stderr } = sallyport('fix', '--folder', root, '--yes')
    expect([status, stderr]).toEqual([0, '2 findings cured, 2 files written; sallyport undo takes it back\n'])
    expect(read(root, 'server.js')).toBe(FIXED)
    const checked = JSON.parse(sallyport('check', root, '--scope', 'folder', '--format', 'json').stdout)
    expect([checked.findings, checked.score.value]).toEqual([[], 100])
  })

  it('a service, and a rule, limit what is done', () => {
    const one = shop()
    sallyport('fix', 'db', '--folder', one, '--yes')
    expect([read(one, 'server.js'), read(one, 'compose.yaml') === COMPOSE]).toEqual([SERVER, false])
    const other = shop()
    sallyport('fix', '--folder', other, '--yes', '--only', 'binds-every-interface')
    expect([read(other, 'server.js'), read(other, 'compose.yaml')]).toEqual([FIXED, COMPOSE])
  })

  it('a service or rule that is not there is an error that says which are', () => {
    const root = shop()
    const service = sallyport('fix', 'serverr', '--folder', root, '--yes')
    expect([service.status, service.stderr]).toEqual([2, 'sallyport: there is no service serverr\n  did you mean server?\n'])
    const rule = sallyport('fix', '--folder', root, '--yes', '--only', 'bind-every-interface')
    expect([rule.status, rule.stderr]).toEqual([
      2,
      'sallyport: there is no rule bind-every-interface\n  did you mean binds-every-interface?\n',
    ])
  })

  it('JSON says the same: findings, hunks, what is left, what was written', () => {
    const root = shop({ 'start.rb': "system('true')\n" })
    const { stdout } = sallyport('fix', '--folder', root, '--yes', '--format', 'json')
    const data = JSON.parse(stdout)
    expect(data.written.toSorted()).toEqual(['compose.yaml', 'server.js'])
    expect(data.repairs.map(({ findings }: { readonly findings: readonly { readonly rule: string }[] }) => findings[0]?.rule)).toEqual([
      'published-private',
      'binds-every-interface',
    ])
    expect(data.repairs[1].files[0].hunks[0].lines.at(-1)).toEqual({ kind: 'new', text: "require('express')().listen(9101, HOST)" })
    expect(data.score).toEqual({ before: 60, after: 100 })
    expect(sallyport('fix', '--folder', root, '--format', 'json').status).toBe(2)
  })

  it('C6 · what is left to do by hand is what check still says afterwards', () => {
    // A common port is a finding of what others reach: closing it cures that too.
    const common = { 'sallyport.yaml': POLICY.replaceAll('9101', '8000'), 'server.js': SERVER.replaceAll('9101', '8000') }
    const open = { 'other.js': "require('express')().listen(5000, '0.0.0.0')\n" }
    const root = shop(common)
    const { left } = JSON.parse(sallyport('fix', '--folder', root, '--dry-run', '--format', 'json').stdout)
    expect(left).toEqual([])
    const { stdout } = sallyport('fix', '--folder', root, '--yes')
    expect(stdout).not.toContain('Left to do by hand')
    expect(sallyport('fix', '--folder', root, '--yes').stdout).toBe('nothing to fix\n')
    // Where it stays open, it is left.
    const public_ = shop({ ...common, ...open, 'sallyport.yaml': `${common['sallyport.yaml']}  other: { port: 5000, from: internet }\n` })
    const said = sallyport('fix', '--folder', public_, '--yes').stdout
    expect(said.slice(said.indexOf('Left to do by hand'))).toMatch(/^Left to do by hand\n\ncommon-port [^]*on port 5000/)
    expect(said.match(/common-port/g)).toHaveLength(1)
    const again = sallyport('fix', '--folder', public_, '--only', 'common-port', '--yes').stdout
    expect(again).toBe(said.slice(said.indexOf('Left to do by hand')))
  })

  it('C4 · what is undecided is counted as left, with where it is told, and is not nothing', () => {
    const root = folder({
      'sallyport.yaml': 'version: 1\nname: shop\nservices: { web: { port: 9101 } }\n',
      'server.js': "require('express')().listen(9101, require('./where').host())\n",
    })
    const fix = (...more: readonly string[]) => sallyport('fix', '--folder', root, '--yes', '--scope', 'folder', ...more)
    const told = `1 thing is undecided and left as it is: sallyport check ${root} --scope folder tells which, and why\n`
    expect(fix()).toMatchObject({ status: 0, stdout: `nothing to fix\n${told}` })
    expect(JSON.parse(fix('--format', 'json').stdout)).toMatchObject({ left: [], undecided: 1 })
    expect(fix('--only', 'common-port').stdout).toBe('nothing to fix\n')
    expect(sallyport('check', root, '--scope', 'folder').stdout).toContain('undecided')
    // Beside what is edited too.
    writeFileSync(join(root, 'open.js'), "require('express')().listen(5000, '0.0.0.0')\n")
    expect(fix('--dry-run').stdout).toMatch(new RegExp(`\\+.*127\\.0\\.0\\.1[^]*${told}$`))
  })

  it('C5 · a secret beside what is changed is in no output, and stays in the file', () => {
    const root = folder({
      'server.js': "require('dotenv').config()\nrequire('express')().listen(9101, process.env.HOST || '127.0.0.1')\n",
      '.env': `JWT_SECRET=${CANARY}\nHOST=0.0.0.0\nDATABASE_URL=postgres://app:${CANARY}@db/app\n`,
    })
    const outputs = [
      sallyport('fix', '--folder', root, '--dry-run'),
      sallyport('fix', '--folder', root, '--dry-run', '--format', 'json'),
      sallyport('fix', '--folder', root, '--yes'),
      sallyport('undo', '--folder', root, '--yes'),
    ].map(({ stdout, stderr }) => stdout + stderr)
    expect(outputs[0]).toContain('+HOST=127.0.0.1')
    expect(outputs[0]).toContain('JWT_SECRET=[redacted]')
    expect(outputs.join('')).not.toContain(CANARY)
    expect(read(root, '.env')).toContain(`JWT_SECRET=${CANARY}\nHOST=0.0.0.0\n`)
    expect(statSync(join(root, '.sallyport')).mode & 0o777).toBe(0o700)
    expect(statSync(join(root, '.sallyport/last.json')).mode & 0o777).toBe(0o600)
  })
})

describe('on a terminal', () => {
  it('C6 · each change is asked for, and only those that are wanted are made', () => {
    const root = shop()
    const { status, output } = onTerminal('y\nn\n', 'fix', '--folder', root)
    expect(output).toContain('make this change? [y]es, [n]o, [a]ll that are left, [q]uit and change nothing:')
    expect([status, read(root, 'server.js')]).toEqual([1, SERVER])
    expect(read(root, 'compose.yaml')).toContain('127.0.0.1:5432')
  })

  it.each(['y', 'n'])('C6 · what is otherwise without those that are not wanted is shown and asked for: %s', async (last) => {
    const server = "const a = require('express')()\nconst b = require('express')()\na.listen(9101)\nb.listen(9102)\n"
    const root = folder({ 'sallyport.yaml': 'version: 1\nservices:\n  one: { port: 9101 }\n  two: { port: 9102 }\n', 'server.js': server })
    const asked = spawn('script', ['-qec', `'${process.execPath}' '${CLI}' fix --folder '${root}'`, '/dev/null'])
    const answers = ['n', 'y', last]
    let output = ''
    for await (const text of asked.stdout as AsyncIterable<Buffer>) {
      output += text.toString()
      if (output.split(/change nothing: |\[y\/N\] /).length > 4 - answers.length) asked.stdin.write(`${answers.shift()}\n`)
    }
    expect(output.split('this is otherwise without the others')[0]?.match(/\+const HOST/g)).toHaveLength(2)
    const after = server.replace('b.listen(9102)', "const HOST = process.env.HOST || '127.0.0.1'\nb.listen(9102, HOST)")
    expect(read(root, 'server.js')).toBe(last === 'y' ? after : server)
  })

  it('C6 · quitting, and a terminal that is closed, change nothing', () => {
    for (const answers of ['y\nq\n', 'y\n\u0004']) {
      const root = shop()
      onTerminal(answers, 'fix', '--folder', root)
      expect([read(root, 'server.js'), read(root, 'compose.yaml')]).toEqual([SERVER, COMPOSE])
    }
  })
})

describe('what it refuses', () => {
  it('E2 · edits with which a server would start on another port, since a variable that was not read before is set', () => {
    const server = 'import uvicorn\nfrom dotenv import load_dotenv\n\nload_dotenv()\nuvicorn.run(app, host="0.0.0.0", port=9101)\n'
    const root = folder({ 'sallyport.yaml': POLICY, 'main.py': server, '.env': 'PORT=3000\n' })
    const { status, stdout } = sallyport('fix', '--folder', root, '--yes')
    expect([status, read(root, 'main.py')]).toEqual([1, server])
    expect(stdout).toContain('not edited: with the edits what main.py starts on port 9101 would be on another one')
  })

  const refusal = (root: string) => {
    const { status, stderr } = sallyport('fix', '--folder', root, '--yes')
    return { status, first: stderr.split('\n')[0], compose: read(root, 'compose.yaml') }
  }

  it('C6 · a link in the place of a file, though it leads to a file of the folder: none of the files is written', () => {
    const root = folder({ 'sallyport.yaml': POLICY, 'compose.yaml': COMPOSE })
    mkdirSync(join(root, 'src'))
    writeFileSync(join(root, 'src/server.txt'), SERVER)
    symlinkSync('src/server.txt', join(root, 'server.js'))
    expect(refusal(root)).toEqual({ status: 2, first: 'sallyport: server.js is a link, so nothing was written', compose: COMPOSE })
    expect(read(root, 'src/server.txt')).toBe(SERVER)
  })

  it('C6 · a link out of the folder is not even read', () => {
    const outside = folder({ 'server.js': SERVER })
    const root = folder({ 'sallyport.yaml': POLICY })
    symlinkSync(join(outside, 'server.js'), join(root, 'server.js'))
    expect(sallyport('fix', '--folder', root, '--yes').stdout).not.toContain('listen')
    expect(read(outside, 'server.js')).toBe(SERVER)
  })

  it('C6 · a file that is read-only, or has another name', () => {
    const locked = shop()
    chmodSync(join(locked, 'server.js'), 0o444)
    expect(refusal(locked)).toEqual({ status: 2, first: 'sallyport: server.js is read-only, so nothing was written', compose: COMPOSE })
    const twice = shop()
    linkSync(join(twice, 'server.js'), join(twice, 'copy.txt'))
    expect(refusal(twice)).toMatchObject({ status: 2, compose: COMPOSE })
    expect(refusal(twice).first).toContain('has another name (a hard link)')
  })

  it('C6 · a name with a line break in it is shown written out, and its file is written all the same', () => {
    const root = shop({ 'a\nb.js': "require('http').createServer().listen(9103)\n" })
    const { status, stdout } = sallyport('fix', '--folder', root, '--yes')
    expect([status, read(root, 'server.js')]).toEqual([0, FIXED])
    expect(stdout).toContain('@@ a\\u{a}b.js:1')
    expect(read(root, 'a\nb.js')).toContain('listen(9103, HOST)')
    expect(sallyport('undo', '--folder', root, '--yes').status).toBe(0)
    expect(read(root, 'a\nb.js')).toBe("require('http').createServer().listen(9103)\n")
  })

  it('C6 · the access control list and the attributes of a file stay, there and back', (context) => {
    const root = shop()
    const before = attributes(join(root, 'server.js'), 'set')
    if (before.status !== 0) {
      const why = `no access control lists here: ${before.stderr.trim().split('\n').at(-1) ?? ''}`
      expect(process.env['SALLYPORT_NO_SKIP'], why).not.toBe('1')
      process.stdout.write(`skipped: ${why}\n`)
      return context.skip(why)
    }
    sallyport('fix', '--folder', root, '--yes')
    expect([read(root, 'server.js'), attributes(join(root, 'server.js'), 'get').stdout]).toEqual([FIXED, before.stdout])
    sallyport('undo', '--folder', root, '--yes')
    expect([read(root, 'server.js'), attributes(join(root, 'server.js'), 'get').stdout]).toEqual([SERVER, before.stdout])
  })

  it('C6 · undo where there is nothing to take back, and where a file was edited since', () => {
    const root = shop()
    expect(sallyport('undo', '--folder', root, '--yes')).toMatchObject({
      status: 2,
      stderr: 'sallyport: there is no change of this folder to take back\n  name the folder with --folder\n',
    })
    sallyport('fix', '--folder', root, '--yes')
    writeFileSync(join(root, 'server.js'), '// mine\n')
    const { status, stderr } = sallyport('undo', '--folder', root, '--yes')
    expect([status, stderr.split('\n')[0]]).toEqual([2, 'sallyport: server.js was edited since, so nothing was taken back'])
    expect(read(root, 'compose.yaml')).not.toBe(COMPOSE)
  })

  it('a record that others may have written is not followed', () => {
    const root = shop()
    sallyport('fix', '--folder', root, '--yes')
    chmodSync(join(root, '.sallyport'), 0o755)
    for (const command of ['undo', 'fix']) {
      writeFileSync(join(root, 'compose.yaml'), COMPOSE)
      expect(sallyport(command, '--folder', root, '--yes').status).toBe(2)
      expect(read(root, 'compose.yaml')).toBe(COMPOSE)
    }
  })
})

describe('git', () => {
  it('M16 · ignores the file that had secrets, whatever it is called, and what fix records', () => {
    const root = folder({ '.gitignore': 'node_modules' })
    const git = (...args: readonly string[]): string => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' })
    git('init', '--quiet')
    mkdirSync(join(root, 'config'))
    for (const path of ['.env', 'config/app.env']) writeFileSync(join(root, path), `API_TOKEN=${CANARY}\n`)
    expect(git('status', '--porcelain', '-uall')).toContain('?? config/app.env')
    expect(sallyport('fix', '--folder', root, '--yes').status).toBe(0)
    expect(read(root, '.gitignore')).toBe('node_modules\n/.env\n/config/app.env\n')
    expect(git('status', '--porcelain', '-uall')).toBe('?? .gitignore\n')
    expect(sallyport('check', root, '--scope', 'folder').stdout).not.toContain('secret-not-ignored')
  })
})
