import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { writeCapture } from '@sallyport/core/capture'
import type { Evidence } from '@sallyport/core/evidence'
import { describe, expect, it } from 'vitest'
import { program } from '../packages/cli/src/program/index.ts'
import { NOBODY } from './hostile/program.ts'
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

  it('C2 · where there is nothing, what was not looked at is told', () => {
    const file = join(folder(), 'host.jsonl')
    const own: Evidence = {
      claim: { claim: 'namespace', id: 'net:[1]', kind: 'host', label: 'web' },
      origin: { kind: 'kernel', path: '/proc/1/ns/net' },
      host: 'web',
      namespace: 'net:[1]',
      standing: 'running',
      capturedAt: 0,
    }
    writeFileSync(file, writeCapture({ host: 'web', capturedAt: 0, evidence: [own] }))
    for (const format of ['text', 'markdown']) {
      const said = (...args: readonly string[]) => sallyport('check', empty, '--format', format, ...args).stdout
      expect(said('--scope', 'folder')).toContain('No file starts anything that would listen. No machine was looked at.')
      expect(said('--scope', 'folder')).not.toContain('Nothing listens')
      expect(said('--evidence', file)).toContain('Nothing listens. No folder was looked at.')
      expect(said('--evidence', file, '--scope', 'both')).toContain('Nothing listens, and no file starts anything that would.')
    }
  })

  it('C2 · nor is all told to be well where not all was understood, or nothing was there to be read', () => {
    const broken = folder({
      'package.json': '{"scripts":{"start":"node server.js"}}',
      'server.js': 'require("http").createServer().listen(PORT\n',
    })
    const good = folder({ 'package.json': '{"scripts":{"start":"node work.js"}}', 'work.js': 'console.log(1)\n' })
    const unread = folder({ 'notes.txt': 'listen(3000)\n' })
    for (const format of ['text', 'markdown']) {
      const said = (path: string) => sallyport('check', path, '--format', format, '--scope', 'folder').stdout
      expect(said(broken)).toContain(
        'No file starts anything that would listen, as far as is understood: not everything was, as is told below. No machine was looked at.',
      )
      expect(said(good)).toMatch(/^No file starts anything that would listen\. No machine was looked at\.$/m)
      expect(said(good)).toMatch(/^No findings\.$/m)
      for (const path of [empty, unread]) expect(said(path)).toMatch(/^No findings\. The folder has no file that Sallyport reads\.$/m)
    }
  })

  it('what help says of a default can be typed', () => {
    const ofAll = (command: ReturnType<typeof program>): readonly string[] => [
      command.helpInformation(),
      ...command.commands.flatMap(ofAll),
    ]
    const defaults = ofAll(program()).flatMap((text) =>
      [...text.replaceAll(/\s+/g, ' ').matchAll(/\(default: ([^()]*)\)/g)].map(([, value]) => value),
    )
    expect(defaults).toContain('24h')
    expect(defaults.filter((value) => /[[\]{}]|[0-9]{6}/.test(value ?? ''))).toEqual([])
  })

  it('capture writes no folder, with --force neither', () => {
    const path = folder({ 'there.jsonl': 'x' })
    for (const more of [[], ['--force']]) {
      const { status, stdout, stderr } = sallyport('capture', '--output', path, ...more)
      expect([status, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/^sallyport: .* is a folder\n {2}name a file: --output .*\.jsonl\n$/)
    }
    expect(readdirSync(path)).toEqual(['there.jsonl'])
  })

  it('a policy that is named and not there is told with where it was looked for, and what to do', () => {
    const own = folder({ 'sallyport.yml': POLICY })
    const [plain, other] = [empty, own].map((path) => sallyport('check', path, '--scope', 'folder', '--policy', 'no/such.yaml'))
    for (const said of [plain, other]) expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(plain?.stderr).toContain(`there is no policy file no/such.yaml\n  correct the path (looked for in ${ROOT.slice(0, -1)})`)
    expect(plain?.stderr).toContain(`sallyport init ${empty}\n`)
    expect(other?.stderr).toContain(`or leave --policy out to take ${join(own, 'sallyport.yml')}\n`)
  })

  it('help names every name that a policy goes by', () => {
    for (const command of ['check', 'explain', 'fix', 'apply', 'up'])
      expect(sallyport(command, '--help').stdout.replaceAll(/\s+/g, ' ')).toContain('sallyport.yaml or sallyport.yml in the folder')
  })

  it('a folder without a name is refused: a variable that nothing has set', () => {
    for (const args of [
      ['check', ''],
      ['ports', ''],
      ['init', ''],
      ['init', '', '--stdout'],
      ...[
        'explain 80',
        'checklist',
        'fix',
        'undo',
        'keys check',
        'keys generate',
        'keys rotate',
        'health',
        'logs',
        'up',
        'ports move web 8080',
      ].map((command) => [...command.split(' '), '--folder', '']),
      ['render', 'guard', 'api', '--policy', 'examples/poker/right/sallyport.yaml', '--output', ''],
    ]) {
      const { status, stdout, stderr } = sallyport(...args)
      expect([status, stdout], args.join(' ')).toEqual([2, ''])
      expect(stderr, args.join(' ')).toContain('sallyport: the name of the folder is empty\n')
    }
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

  it('M1 · why a network beside the machine matters is not why a published port does; each is said once', () => {
    const service = (name: string, more: string): string => `  ${name}: { image: postgres:16, ${more} }\n`
    const services = `services:\n${service('one', 'networks: [lan]')}${service('two', 'networks: [lan]')}`
    const networks = 'networks:\n  lan: { driver: macvlan, driver_opts: { parent: eth0 } }\n'
    const why = (text: string): readonly string[] => {
      const { stdout } = sallyport('check', folder({ 'compose.yaml': `${text}${networks}` }), '--scope', 'folder')
      return [...stdout.matchAll(/ why ([^,.:]*)/g)].map(([, words = '']) => words).filter((words) => /publish/.test(words))
    }
    expect(why(services)).toEqual(['Docker publishes nothing there and opens no firewall'])
    expect(why(`${services}${service('three', 'ports: ["5432:5432"]')}`)).toEqual([
      'Docker publishes nothing there and opens no firewall',
      'A published port is on every interface unless it names an address',
    ])
    const { stdout } = sallyport('explain', 'one', '--folder', folder({ 'compose.yaml': `${services}${networks}` }), '--scope', 'folder')
    expect(stdout).toMatch(/tcp 5432 {2}its own address, beside this machine’s {2}compose\.yaml:2:\d+/)
    expect(stdout).toMatch(/to close it: take it off the network of this driver[^]* {2}compose\.yaml:5:\d+/)
    expect(stdout).not.toContain('publish')
  })

  it('prints the version that the package has', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'packages/cli/package.json'), 'utf8')) as { version: string }
    expect(sallyport('--version').stdout.trim()).toBe(version)
  })

  it('what the system refuses is said as such, and not as a mistake of the program', () => {
    const path = folder({ 'server.js': "require('http').createServer().listen(3000, '127.0.0.1')" })
    expect(sallyport('check', empty, '--policy', path).stderr).toMatch(/could not be read: it is a directory/)
    // A limit that also root meets: no file grows beyond 0 bytes, and the signal that would say so is ignored.
    const run = spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f 0; "${process.execPath}" "$0" init "$1"`, CLI, path], {
      encoding: 'utf8',
    })
    expect([run.status, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(/^sallyport: \S+\/sallyport\.yaml could not be written: E\w+\n {2}print it with --stdout/)
  })

  it.each([
    [
      'init',
      ['init', '.', '--scope', 'folder'],
      'FOLDER/sallyport.yaml could not be written: this user may not write in FOLDER',
      'print it',
    ],
    [
      'keys',
      ['keys', 'generate', '--file', '.env.production'],
      'nothing was changed: this user may not write in FOLDER',
      'run it as a user',
    ],
    ['fix', ['fix', '--yes'], 'nothing was changed: this user may not write in FOLDER', 'run it as a user'],
    ['capture', ['capture', '--output', 'host.jsonl'], 'host.jsonl could not be written: this user may not write in .', 'name a file'],
    [
      'render',
      ['render', 'systemd', '--policy', 'shop.yaml', '--output', 'out'],
      'FOLDER/out/etc/systemd/system/web.service.d/50-sallyport.conf could not be written: this user may not write in FOLDER',
      'name a folder',
    ],
  ])('C6 · where this user may not write, %s names the file or the folder that was asked for', (_, args, first, next) => {
    const nobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
    const path = folder({
      'server.js': "require('http').createServer().listen(3000)\n",
      '.env.example': 'JWT_SECRET=your_secret\n',
      'shop.yaml': 'version: 1\nname: shop\nservices: { web: { port: 3000, run: { systemd: web.service } } }\n',
    })
    chmodSync(path, 0o555)
    const { status, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: path, encoding: 'utf8', ...nobody })
    chmodSync(path, 0o755)
    const [said = '', then = ''] = stderr.replaceAll(path, 'FOLDER').split('\n').slice(-3)
    expect([status, said.slice(0, `sallyport: ${first}`.length)]).toEqual([2, `sallyport: ${first}`])
    expect(then).toContain(`  ${next}`)
    expect(stderr).not.toMatch(/\.new|lock|EACCES|journal/)
  })

  it('what cannot be read or asked is told in words, without the system’s own', async () => {
    const nobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
    const path = folder({ locked: '{}', 'none.jsonl': '{"a":1}\n', 'shop.yaml': POLICY })
    chmodSync(path, 0o755)
    chmodSync(join(path, 'locked'), 0)
    chmodSync(join(path, 'shop.yaml'), 0o644)
    const plain = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 200 OK\r\n\r\n'))
    await new Promise<void>((done) => plain.listen(0, '127.0.0.1', done))
    const { port } = plain.address() as AddressInfo
    const said = (...args: readonly string[]): Promise<readonly unknown[]> =>
      new Promise((done) => {
        const child = spawn(process.execPath, [CLI, ...args], { cwd: path, ...nobody })
        let text = ''
        child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
        child.on('close', (status) => done([status, text]))
      })
    expect(await said('check', '--evidence', 'locked')).toEqual([
      2,
      'sallyport: locked could not be read: this user may not read it\n  name a file that sallyport capture --output wrote\n',
    ])
    expect(await said('log', 'locked')).toEqual([
      2,
      'sallyport: locked could not be read: this user may not read it\n  run it as a user who may read it\n',
    ])
    expect(String(await said('diff', 'none.jsonl', 'none.jsonl'))).toContain('none.jsonl:1:1: the first line is not that of a capture\n')
    expect(String(await said('render', 'aws-cli', '--there', 'gone', '--policy', 'shop.yaml'))).toContain(
      'gone could not be read: it is not there\n',
    )
    expect(String(await said('run', '--', './none.jsonl'))).toContain('./none.jsonl: this user may not execute it, or it is no program')
    expect(String(await said('verify', `https://127.0.0.1:${port}/`))).toContain('gives no answer: it speaks no TLS')
    plain.close()
    expect(String(await said('verify', `http://127.0.0.1:${port}/`))).toContain('gives no answer: the connection is refused')
    expect(sallyport('fix', '--folder', empty).stdout).toBe('nothing to fix: the folder has no file that Sallyport reads\n')
    expect(sallyport('keys', 'generate', '-y', '--folder', empty).stderr).toContain('name the keys')
  })

  it('a wrong option leads to the help that lists the right ones', () => {
    expect(sallyport('check', '--bogus').stderr).toContain('(sallyport check --help lists its options)')
    expect(sallyport('keys', 'rotate', '--bogus').stderr).toContain('(sallyport keys rotate --help lists its options)')
    expect(sallyport('bogus').stderr).toContain('(sallyport --help lists the commands)')
    const { stderr } = sallyport('init', '--format', 'json')
    expect(stderr).toContain("unknown option '--format'")
    for (const args of [
      ['init', '--format'],
      ['up', '--forse'],
      ['render', 'nftables', '--folder'],
      ['ports', 'move', 'web', '1', '--frce'],
    ])
      expect(sallyport(...args).stderr, args.join(' ')).not.toContain('--force')
    expect(sallyport('check', '--fomat').stderr).toContain('(Did you mean --format?)')
  })

  it('a command that there is not is an error, with --help too; one below another is told in full', () => {
    for (const args of [['chek', '--help'], ['help', 'chek'], ['chek']])
      expect(sallyport(...args), args.join(' ')).toMatchObject({
        status: 2,
        stdout: '',
        stderr: "error: unknown command 'chek'\n(Did you mean check?)\n(sallyport --help lists the commands)\n",
      })
    expect(sallyport('keys', 'rotat', '--help')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('(Did you mean rotate?)'),
    })
    for (const args of [['--help'], ['help'], ['help', 'keys'], ['keys', '--help'], ['keys', 'help', 'check'], ['ports', '.', '--help']])
      expect(sallyport(...args), args.join(' ')).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^Usage: sallyport /),
        stderr: '',
      })
    expect(sallyport('ports', 'mov', 'web', '8080')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('(did you mean sallyport ports move?)'),
    })
  })

  it('where nothing was applied, nothing waits to be confirmed', () => {
    const state = folder()
    const nobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'apply', '--confirm'], {
      cwd: '/',
      encoding: 'utf8',
      env: { ...process.env, HOME: state, XDG_STATE_HOME: state },
      ...nobody,
    })
    expect([status, stderr]).toEqual([
      2,
      'sallyport: nothing waits to be confirmed: nothing was applied\n  sallyport apply SYSTEM applies something\n',
    ])
  })

  it('a folder that is given in another way than the command takes it is told in that way', () => {
    const path = folder({ 'sallyport.yaml': POLICY })
    for (const [args, said] of [
      [
        ['render', 'nftables', '--folder', 'X'],
        '(it is about the folder that it is started in; a policy elsewhere is given as --policy X/sallyport.yaml)',
      ],
      [['check', '--folder', 'X'], '(a folder is given without an option: sallyport check X)'],
      [['ports', '--folder=X'], '(a folder is given without an option: sallyport ports X)'],
      [['explain', '80', 'examples'], '(a folder is given as --folder examples)'],
      [['fix', 'examples', '--folder', path], 'examples is a folder, and no service\n  a folder is given as --folder examples\n'],
      [['explain', 'examples', '--folder', path, '--scope', 'folder'], 'examples is a folder, and no service\n'],
      [['checklist', 'examples'], 'examples is a folder, and no checklist\n  a folder is given as --folder examples\n'],
      [['health', 'examples', '--folder', path], 'examples is a folder, and no service\n'],
    ] as const) {
      const { status, stdout, stderr } = sallyport(...args)
      expect([status, stdout], args.join(' ')).toEqual([2, ''])
      expect(stderr, args.join(' ')).toContain(said)
    }
  })

  it('an empty SALLYPORT_ENV chooses no environment', () => {
    const path = folder({ 'sallyport.yaml': POLICY })
    const run = (name: string) =>
      spawnSync(process.execPath, [CLI, 'check', path, '--scope', 'folder'], {
        encoding: 'utf8',
        env: { ...process.env, SALLYPORT_ENV: name },
      })
    expect(run('').stderr).toBe('')
    expect(run('production').stderr).toMatch(/production/)
  })

  it('a policy that is a link out of the folder, or to nothing, is told as such', () => {
    const outside = folder({ 'other.yaml': POLICY })
    const path = folder()
    symlinkSync(join(outside, 'other.yaml'), join(path, 'sallyport.yaml'))
    const { status, stderr } = sallyport('check', path, '--scope', 'folder')
    expect(status).toBe(2)
    expect(stderr).toMatch(/it is a link out of the folder\n {2}name the file that it leads to with --policy/)
    const dangling = folder()
    symlinkSync(join(outside, 'nothing.yaml'), join(dangling, 'sallyport.yaml'))
    const none = sallyport('check', dangling, '--scope', 'folder')
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('is a link that leads to no file')])
  })

  it('mistakes are told with their place, all at once; warnings are not counted as such', () => {
    const path = folder({
      passwd: `version: 1
services: { web: { port: 3000 } }
accept:
  - { rule: common-port, reason: "" }
  - { rule: common-port, reason: "known", until: 2027-02-31 }
tests:
  - { from: internet, deny: web }
`,
      plain: 'root:x:0:0\n',
    })
    const { status, stderr } = sallyport('check', path, '--scope', 'folder', '--policy', join(path, 'passwd'))
    expect(status).toBe(2)
    expect(stderr).toMatch(/the policy has 2 mistakes:[^]*passwd:4:\d+: [^]*passwd:5:\d+: /)
    const other = sallyport('check', path, '--scope', 'folder', '--policy', join(path, 'plain')).stderr
    expect(other).toMatch(/ {2}plain:1:1: /)
    // A policy with a warning and a mistake has one mistake.
    const warned = `version: 1\nservices: { web: { port: 3000 }, web2: { port: 99999 } }\n`
    const counted = sallyport('check', folder({ 'sallyport.yaml': warned }), '--scope', 'folder', '--environment', 'production').stderr
    expect(counted).toMatch(/the policy has a mistake:[^]*warning: sallyport\.yaml:\d+:\d+: the policy has no environments/)
    const only = sallyport('check', folder({ 'sallyport.yaml': POLICY }), '--scope', 'folder', '--environment', 'production').stderr
    expect(only).toMatch(/^warning: sallyport\.yaml:\d+:\d+: the policy has no environments.*changes nothing in it\n {2}leave it out/)
    expect(stderr + other).not.toContain('redacted')
  })

  it('what this user may not read is told without a line, and with who may; a closed folder is an error', () => {
    const path = folder({ 'server.js': "require('http').createServer().listen(3000, '127.0.0.1')" })
    chmodSync(path, 0o755)
    mkdirSync(join(path, 'worker'), { mode: 0 })
    chmodSync(join(path, 'server.js'), 0)
    const nobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
    const run = (command: string) =>
      spawnSync(process.execPath, [CLI, command, path, '--scope', 'folder'], { cwd: ROOT, encoding: 'utf8', ...nobody })
    const { stdout } = run('check')
    expect(stdout).toMatch(/worker( |$)/m)
    expect(stdout).toMatch(/fix run as a user who may read it/)
    expect(stdout).not.toMatch(/:1:1|write it so that it can be read/)
    chmodSync(path, 0)
    for (const command of ['check', 'init']) {
      const { status, stderr } = run(command)
      expect([status, stderr]).toEqual([
        2,
        expect.stringMatching(/^sallyport: this user may not look into .*\n {2}run it as a user who may/),
      ])
    }
    chmodSync(path, 0o755)
  })

  it('npm start takes paths from where it was typed', () => {
    const path = folder({ 'server.js': "require('http').createServer().listen(3000, '127.0.0.1')" })
    const args = [join(ROOT, 'scripts/start.mjs'), `./${basename(path)}`, '--scope', 'folder']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, INIT_CWD: dirname(path) },
    })
    expect(status).toBe(0)
    expect(stdout).toContain('tcp 3000')
    // What it looked with is how it is called from then on.
    const [, command = ''] = /^next: in your deployment's folder, node (.*) COMMAND; what is called sallyport is that$/m.exec(stderr) ?? []
    expect(spawnSync(process.execPath, [command, '--version'], { cwd: path, encoding: 'utf8' })).toMatchObject({ status: 0 })
  })

  it('npx finds the command in the checkout, which npm ci links before it is built', () => {
    const { status, stdout } = spawnSync('npx', ['--offline', 'sallyport', '--version'], { cwd: ROOT, encoding: 'utf8' })
    expect([status, stdout]).toEqual([0, sallyport('--version').stdout])
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
  it('M1 · what is seen and not written is named, with why', () => {
    const compose = `services:
  web: { image: example/web:1, ports: ["3000:3000"] }
  twin: { image: example/twin:1, expose: ["8002"] }
  store: { image: redis:7 }
`
    const path = folder({ 'docker-compose.yml': compose })
    const wrote = sallyport('init', path, '--scope', 'folder', '--stdout')
    expect([wrote.status, wrote.stdout.match(/^ {2}\w+:$/gm)]).toEqual([0, ['  web:']])
    expect(wrote.stderr).toBe(
      'note: left out: twin, store (listens in its container network only, and has no port of this machine)\n' +
        '  declare them by hand where the policy is to hold for them too: docs/policy.md\n',
    )
    const inside = folder({ 'docker-compose.yml': compose.replace(/ {2}web:.*\n/, '') })
    const none = sallyport('init', inside, '--scope', 'folder')
    expect([none.status, none.stdout]).toEqual([2, ''])
    expect(none.stderr).toContain('nothing that is seen has a port of this machine\n  left out: twin, store (')
    const all = sallyport(
      'init',
      folder({ 'docker-compose.yml': compose.split('\n').slice(0, 2).join('\n') }),
      '--scope',
      'folder',
      '--stdout',
    )
    expect([all.status, all.stderr]).toEqual([0, ''])
  })

  it('M1 · a port that two want is written for the first, and the other is named', () => {
    const path = folder({
      'a.js': "require('http').createServer().listen(3000, '127.0.0.1')\n",
      'b.js': "require('http').createServer().listen(3000, '127.0.0.1')\n",
    })
    const { status, stderr } = sallyport('init', path, '--scope', 'folder', '--stdout')
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^note: left out: b \(another service has the port; check tells which\)$/m)])
  })

  it('replaces the policy that is there, and never writes beside it', () => {
    const path = folder({ 'server.js': "require('http').createServer().listen(3000, '127.0.0.1')", 'sallyport.yml': 'version: 1\n' })
    const refused = sallyport('init', path)
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain('sallyport.yml is there already')
    expect(sallyport('init', path, '--force').status).toBe(0)
    expect(readdirSync(path)).toEqual(['sallyport.yml', 'server.js'])
    expect(readFileSync(join(path, 'sallyport.yml'), 'utf8')).toContain('port: 3000')
  })

  it.each([['a policy elsewhere'], ['nothing']])('never writes through a link to %s', (kind) => {
    const outside = join(folder(kind === 'nothing' ? {} : { 'kept.yaml': 'kept\n' }), 'kept.yaml')
    const path = folder({ 'server.js': "require('http').createServer().listen(3000, '127.0.0.1')" })
    symlinkSync(outside, join(path, 'sallyport.yaml'))
    for (const args of [
      ['init', path],
      ['init', path, '--force'],
    ]) {
      const { status, stdout, stderr } = sallyport(...args)
      expect([status, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/sallyport\.yaml is a link to .*kept\.yaml, and nothing is written through a link\n {2}take the link away/)
    }
    expect(readdirSync(path)).toEqual(['sallyport.yaml', 'server.js'])
    if (kind === 'nothing') expect(existsSync(outside)).toBe(false)
    else expect(readFileSync(outside, 'utf8')).toBe('kept\n')
  })

  it('replaces the file whole, with the mode that it had', () => {
    const path = folder({ 'server.js': "require('http').createServer().listen(3000, '127.0.0.1')", 'sallyport.yaml': 'version: 1\n' })
    const target = join(path, 'sallyport.yaml')
    chmodSync(target, 0o640)
    linkSync(target, join(path, 'kept'))
    expect(sallyport('init', path, '--force').status).toBe(0)
    expect(statSync(target).mode & 0o777).toBe(0o640)
    expect(readFileSync(target, 'utf8')).toContain('port: 3000')
    expect(readFileSync(join(path, 'kept'), 'utf8')).toBe('version: 1\n')
    expect(readdirSync(path)).toEqual(['kept', 'sallyport.yaml', 'server.js'])
  })

  it('--scope folder takes nothing of the machine into the policy', async () => {
    const path = folder({ 'server.js': "require('http').createServer().listen(3000, '127.0.0.1')" })
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(14872, '127.0.0.1', resolve))
    try {
      expect(sallyport('init', path, '--stdout').stdout).toContain('port: 14872')
      const { stdout } = sallyport('init', path, '--stdout', '--scope', 'folder')
      expect(stdout).toContain('port: 3000')
      expect(stdout).not.toContain('14872')
    } finally {
      server.close()
    }
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
