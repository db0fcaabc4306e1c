import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Answers, checkFolder, LONGEST_MS, NOBODY, temporary } from './hostile/program.ts'
import { EXECUTABLES, GIT_CONFIG, REACHING_OUT, RUNNABLE, TOO_MUCH } from './hostile/files.ts'

/** What only stands outside the folder: whoever prints it has read what is not theirs. */
const OUTSIDE = 'outside-content-7f3a'

let home: ReturnType<typeof temporary>
let folder: string
let outside: string
let marker: string

function lay(): void {
  home = temporary()
  folder = join(home.path, 'deployment')
  outside = join(home.path, 'outside')
  marker = join(home.path, 'marker')
  for (const path of [folder, outside, marker]) mkdirSync(path)
}

function write(path: string, content: string | Buffer, mode = 0o644): void {
  const full = join(folder, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, content, { mode })
}

function writeAll(files: Readonly<Record<string, string>>, mode?: number): void {
  for (const [path, content] of Object.entries(files))
    write(path, content.replaceAll('MARKER', marker).replaceAll('OUTSIDE', outside), mode)
}

/** All of it belongs to whoever looks at it, so that nothing is left undone for want of permission. */
function own(): void {
  chmodSync(home.path, 0o755)
  chmodSync(marker, 0o777)
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', '-h', `${NOBODY}:${NOBODY}`, folder])
}

/** What holds of every run, whatever is in the folder. */
function expectHarmless({ runs, all }: Answers): void {
  for (const { format, code, stderr, ms } of runs) {
    expect([0, 1, 3], `${format}: ${stderr.slice(0, 500)}`).toContain(code)
    expect(stderr, format).not.toMatch(/^\s+at .*\.js:\d+/m)
    expect(stderr, format).not.toContain('internal error')
    expect(ms, format).toBeLessThan(LONGEST_MS)
  }
  expect(readdirSync(marker)).toEqual([])
  expect(all).not.toContain(OUTSIDE)
  // Nothing of a terminal's language, and no line that was made by a name.
  expect(all).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u)
}

/** The words and places of what was not seen. */
function unseen({ report }: Answers): readonly string[] {
  return report.notSeen.map(({ what, place }) => `${place.text}: ${what}`)
}

function expectUnread(answers: Answers, path: string, why: RegExp): void {
  expect(
    unseen(answers).filter((line) => line.includes(path) && why.test(line)),
    `${path}\n${unseen(answers).join('\n')}`,
  ).not.toEqual([])
  for (const { format, stdout } of answers.runs) expect(stdout, format).toContain(path)
}

describe('C4 · files that are no text of a person', () => {
  let answers: Answers
  let socket: Server

  beforeAll(async () => {
    lay()
    // Seen beside all of the rest, so that the rest is not why nothing is.
    write('server.js', "require('express')().listen(3000)\n")
    write('large.sh', Buffer.alloc(50 << 20, 'echo a\n'))
    write('compose.yaml', Buffer.alloc(50 << 20, '# a\n'))
    symlinkSync('round-b.sh', join(folder, 'round-a.sh'))
    symlinkSync('round-a.sh', join(folder, 'round-b.sh'))
    symlinkSync('.', join(folder, 'inside'))
    symlinkSync('a', join(folder, 'inside.sh'))
    mkdirSync(join(folder, 'a'))
    symlinkSync('..', join(folder, 'a/up'))
    writeFileSync(join(outside, 'start.sh'), `HOST=${OUTSIDE} node server.js\n`)
    writeFileSync(join(outside, '.env'), `HOST=${OUTSIDE}\n`)
    symlinkSync('../outside/start.sh', join(folder, 'relative.sh'))
    symlinkSync(join(outside, 'start.sh'), join(folder, 'absolute.sh'))
    symlinkSync(outside, join(folder, 'directory'))
    symlinkSync(join(outside, '.env'), join(folder, '.env'))
    symlinkSync('nowhere.sh', join(folder, 'dangling.sh'))
    symlinkSync('/dev/zero', join(folder, 'device.sh'))
    symlinkSync('/proc/self/environ', join(folder, 'environ.env'))
    execFileSync('mkfifo', [join(folder, 'pipe.sh'), join(folder, '.env.local')])
    socket = createServer().listen(join(folder, 'socket.sh'))
    await once(socket, 'listening')
    write('denied.sh', `HOST=${OUTSIDE} node server.js\n`)
    write('denied/start.sh', 'node server.js\n')
    write('binary.sh', execFileSync('head', ['-c', '4096', process.execPath]))
    write('wide.ps1', Buffer.from('\ufeffnode server.js --host 0.0.0.0\n', 'utf16le'))
    write('wide-without-mark.ps1', Buffer.from('node server.js --host 0.0.0.0\n', 'utf16le'))
    write('latin.sh', Buffer.from('HOST=0.0.0.0 node caf\xe9.js\n', 'latin1'))
    write('zeros.js', Buffer.alloc(4096))
    write('empty.sh', '')
    own()
    chmodSync(join(folder, 'denied.sh'), 0)
    chmodSync(join(folder, 'denied'), 0)
    answers = await checkFolder(folder)
  }, 120_000)

  afterAll(() => {
    socket.close()
    chmodSync(join(folder, 'denied'), 0o755)
    home.remove()
  })

  it('do no harm', () => expectHarmless(answers))

  it('hide nothing of what stands beside them', () => {
    expect(JSON.stringify(answers.report.services)).toContain('server.js')
  })

  it('a link to a directory of the folder hides nothing, and is not reported', () => {
    expect(answers.report.notSeen.map(({ what }) => what).join('\n')).not.toContain('inside')
  })

  it.each([
    ['large.sh', /too large .*50 MB/],
    ['compose.yaml', /too large .*50 MB/],
    ['round-a.sh', /link that leads to itself/],
    ['round-b.sh', /link that leads to itself/],
    ['relative.sh', /link out of the folder/],
    ['absolute.sh', /link out of the folder/],
    ['directory', /link out of the folder/],
    ['.env', /link out of the folder/],
    ['device.sh', /link out of the folder|device/],
    ['environ.env', /link out of the folder/],
    ['pipe.sh', /FIFO/],
    ['.env.local', /FIFO/],
    ['socket.sh', /socket/],
    ['denied.sh', /may not be read/],
    ['denied', /directory denied/],
    ['binary.sh', /binary/],
    ['wide.ps1', /UTF-16/],
    ['wide-without-mark.ps1', /UTF-16|binary/],
    ['latin.sh', /not UTF-8/],
    ['zeros.js', /binary/],
  ])('%s is reported', (path, why) => expectUnread(answers, path, why))
})

describe('C4 · names', () => {
  afterEach(() => home.remove())

  it('that are no names for people are written out, and their files still read', async () => {
    lay()
    const names = [
      'a\nb',
      '\u001b[2J\u001b[1;1Hfine',
      '\u202eabc',
      '-rf',
      '%s%n',
      '$(touch MARKER-a)',
      "'; touch x; '",
      'a\\u{1b}b',
      ' ',
      '\u{1f4a5}',
    ]
    for (const [index, name] of names.entries()) write(`${name}/server.js`, `require('express')().listen(${4000 + index})\n`)
    write('quiet.js', 'x\n')
    execFileSync(
      'bash',
      ['-c', "mkdir $'\\xff\\xfe'; echo 'node server.js' > $'\\xff\\xfe/start.sh'; echo 'node server.js' > $'bad\\xc3.sh'"],
      { cwd: folder },
    )
    own()
    const answers = await checkFolder(folder)
    expectHarmless(answers)
    const said = JSON.stringify(answers.report.services)
    for (const index of names.keys()) expect(said, names[index]).toContain(String(4000 + index))
    expectUnread(answers, 'bad\ufffd.sh', /not UTF-8/)
    expectUnread(answers, '\ufffd\ufffd', /not UTF-8/)
  })

  it('of services, applications and variables forge no line', async () => {
    lay()
    const odd = '\\u001b[2J\\r\\nfindings: none'
    writeAll({
      'compose.yaml': `services:\n  "a${odd}":\n    image: "nginx${odd}"\n    ports: ["8080:80"]\n`,
      'ecosystem.config.js': `module.exports = { apps: [{ name: 'b${odd}', script: 'server.js', env: { 'X${odd}': '1' } }] }\n`,
      'server.js': `require('express')().listen(process.env['PORT${odd}'], process.env['HOST${odd}'] || '0.0.0.0')\n`,
      'main.py': `import os, uvicorn\nuvicorn.run("m:app", host=os.getenv("HOST${odd}"), port=8001)\n`,
      'package.json': `{"name":"c${odd}","scripts":{"start${odd}":"HOST=0.0.0.0 node server.js"}}\n`,
    })
    own()
    expectHarmless(await checkFolder(folder))
  })

  it('of directories that scripts name move no cursor', async () => {
    lay()
    write(
      'start.ps1',
      'Start-Process python -ArgumentList "-m uvicorn main:app --host 0.0.0.0 --port 8000" -WorkingDirectory "api\rNo findings."\n',
    )
    own()
    const answers = await checkFolder(folder)
    expectHarmless(answers)
    expect(answers.report.services.map(({ name }) => name)).toEqual(['api\\u{d}No findings.'])
  })

  it('of programs that nobody knows move no cursor', async () => {
    lay()
    write('Procfile', 'web: serve\u0085\u001b[2Jx --host 0.0.0.0 --port 8000\n')
    own()
    const answers = await checkFolder(folder)
    expectHarmless(answers)
    expect(JSON.stringify(answers.report.services)).toContain('serve\\\\u{85}\\\\u{1b}[2Jx')
  })

  it('of folders that are too deep to be named are reported', async () => {
    lay()
    write('server.js', "require('express')().listen(3000)\n")
    const nest = `const { mkdirSync, writeFileSync } = require('node:fs')
      for (let depth = 0; depth < 1200; depth++) { mkdirSync('deep'); process.chdir('deep') }
      writeFileSync('start.sh', 'node server.js')`
    execFileSync(process.execPath, ['-e', nest], { cwd: folder })
    own()
    const answers = await checkFolder(folder)
    expectHarmless(answers)
    expect(unseen(answers).filter((line) => /deep\/deep.*ENAMETOOLONG/.test(line))).not.toEqual([])
  })
})

describe('a hostile repository executes nothing', () => {
  afterEach(() => home.remove())

  function repository(): void {
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], { cwd: folder, stdio: 'ignore' })
    git('init')
    git('add', '-A')
    git('commit', '-m', 'x')
  }

  it('C5 · whatever its .git says: settings, hooks, filters, drivers, includes', async () => {
    lay()
    writeAll(RUNNABLE)
    writeAll(EXECUTABLES, 0o755)
    write('.env', 'DB_PASSWORD=hunter2hunter2\n')
    repository()
    writeFileSync(join(outside, 'evil.gitconfig'), `[core]\n\tfsmonitor = touch ${marker}/included\n`)
    write('.git/config', GIT_CONFIG.replaceAll('MARKER', marker).replaceAll('OUTSIDE', outside))
    write('.gitattributes', '* filter=evil diff=evil merge=evil text=auto\n')
    write('.git/info/attributes', '* filter=evil diff=evil merge=evil\n')
    for (const hook of [
      'pre-commit',
      'post-checkout',
      'post-index-change',
      'fsmonitor-watchman',
      'reference-transaction',
      'post-merge',
      'pre-auto-gc',
    ])
      write(`.git/hooks/${hook}`, `#!/bin/sh\ntouch ${marker}/hook-${hook}\n`, 0o755)
    // What git has to look at again: the index says one thing, the file another.
    write('server.js', "require('express')().listen(3001)\n")
    own()
    const answers = await checkFolder(folder, [], { PATH: `.:./bin:./node_modules/.bin:${process.env['PATH']}` })
    expectHarmless(answers)
    // The hostile settings hinder nothing: what git tracks is still known.
    expect(answers.report.findings.map(({ rule }) => rule)).toContain('secret-committed')
    expect(JSON.stringify(answers.report.services)).toContain('3001')
  })

  it('its .git may be a file that names another repository, or nonsense', async () => {
    for (const content of ['gitdir: OUTSIDE/repository\n', 'gitdir: /\n', 'gitdir: .\n', 'nonsense', '']) {
      lay()
      write('server.js', "require('express')().listen(3000)\n")
      mkdirSync(join(outside, 'repository/hooks'), { recursive: true })
      writeFileSync(join(outside, 'repository/config'), GIT_CONFIG.replaceAll('MARKER', marker))
      write('.git', content.replaceAll('OUTSIDE', outside))
      own()
      const answers = await checkFolder(folder)
      expectHarmless(answers)
      expect(JSON.stringify(answers.report.services), content).toContain('3000')
      home.remove()
    }
    lay()
  })

  it('nothing that other tools would run or load is run or loaded', async () => {
    lay()
    writeAll(RUNNABLE)
    writeAll(EXECUTABLES, 0o755)
    own()
    const answers = await checkFolder(folder, [], { PATH: `.:./bin:./node_modules/.bin:${process.env['PATH']}` })
    expectHarmless(answers)
    expect(JSON.stringify(answers.report.services)).toContain('3000')
  })

  it('the marker appears where something is run', () => {
    lay()
    writeAll(EXECUTABLES, 0o755)
    execFileSync(join(folder, 'git'), { cwd: folder })
    expect(readdirSync(marker)).toEqual(['git'])
  })
})

describe('C5 · nothing outside of the folder is read', () => {
  afterEach(() => home.remove())

  it('whatever the files name: includes, environment files, modules, extended files', async () => {
    lay()
    writeFileSync(join(outside, 'shared.env'), `HOST=${OUTSIDE}\nTOKEN=${OUTSIDE}\n`)
    writeFileSync(join(outside, 'shared.sh'), `export HOST=${OUTSIDE}\n`)
    writeFileSync(join(outside, 'shared.js'), `module.exports = { host: '${OUTSIDE}', apps: [{ name: '${OUTSIDE}', script: 'x.js' }] }\n`)
    writeFileSync(join(outside, 'shared.py'), `HOST = "${OUTSIDE}"\n`)
    writeFileSync(join(outside, 'shared.yaml'), `services:\n  ${OUTSIDE}:\n    image: ${OUTSIDE}\n    ports: ["8080:80"]\n`)
    writeFileSync(join(outside, 'shared.conf'), `upstream ${OUTSIDE} { server 127.0.0.1:1; }\n`)
    writeAll(REACHING_OUT)
    own()
    const answers = await checkFolder(folder)
    expectHarmless(answers)
    // It is said that they were not followed.
    expect(unseen(answers).join('\n')).toContain('compose.yaml')
    expect(unseen(answers).join('\n')).toContain('nginx.conf')
    // Nothing of the machine's accounts, though files ask for it.
    expect(answers.all).not.toMatch(/root:[x*!$]/)
  })

  it('a policy that includes what is outside, or bombs, is refused with its place', async () => {
    const bomb = `x-a: &a [${'1,'.repeat(9)}1]\n${'bcdefghij'
      .split('')
      .map((name, index) => `x-${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)
      .join('\n')}\nversion: 1\nname: x\nsources: *j\n`
    for (const policy of [
      'version: 1\nname: x\ninclude: [../outside/sallyport.yaml]\n',
      `version: 1\nname: x\ninclude: [${'/etc/pass'}wd]\n`,
      bomb,
      '['.repeat(10_000),
    ]) {
      lay()
      writeFileSync(join(outside, 'sallyport.yaml'), `services: { ${OUTSIDE}: { port: 1 } }\n`)
      write('sallyport.yaml', policy)
      own()
      const { runs, all } = await checkFolder(folder)
      for (const { code, stdout, stderr, ms } of runs) {
        expect([code, stdout]).toEqual([2, ''])
        expect(stderr).toMatch(/sallyport\.yaml:\d+:\d+/)
        expect(stderr).not.toMatch(/internal error|^\s+at .*\.js:\d+/m)
        expect(ms).toBeLessThan(LONGEST_MS)
      }
      expect(all).not.toContain(OUTSIDE)
      expect(all).not.toMatch(/root:[x*!$]/)
      home.remove()
    }
    lay()
  })
})

describe('C4 · too much of something', () => {
  afterEach(() => home.remove())

  it.each(TOO_MUCH)('%s ends soon, and hides nothing of what stands beside it', async (_, path, content) => {
    lay()
    write('server.js', "require('express')().listen(3000)\n")
    write(path, content())
    own()
    const answers = await checkFolder(folder)
    expectHarmless(answers)
    expect(JSON.stringify(answers.report.services)).toContain('server.js')
  })

  it('scripts that come to one another by thousands of ways end soon', async () => {
    lay()
    write('server.js', "require('express')().listen(3000)\n")
    for (let index = 0; index < 60; index++)
      write(`s${index}.sh`, `. ./s${index + 1}.sh\n. ./s${(7 * index + 3) % 60}.sh\nN=${index} HOST=0.0.0.0 node server.js\n`)
    own()
    expectHarmless(await checkFolder(folder))
  })

  it('more files than a deployment has: the rest is said to be left out', async () => {
    lay()
    execFileSync('bash', ['-c', 'for d in $(seq 51); do mkdir d$d; (cd d$d; touch f{1..1000}.sh); done'], { cwd: folder })
    own()
    const answers = await checkFolder(folder)
    expectHarmless(answers)
    expect(unseen(answers).filter((line) => /files after the first 50000/.test(line))).not.toEqual([])
  })

  it('a file that changes into a FIFO while it is looked at makes nobody wait', async () => {
    lay()
    write('server.js', "require('express')().listen(3000)\n")
    own()
    const swapping = spawn(
      'bash',
      ['-c', 'while :; do echo node x.js > s.sh; rm -f s.sh; mkfifo s.sh; rm -f s.sh; ln -s /dev/zero s.sh; rm -f s.sh; done'],
      {
        cwd: folder,
        stdio: 'ignore',
      },
    )
    try {
      for (let round = 0; round < 3; round++) expectHarmless(await checkFolder(folder))
    } finally {
      swapping.kill('SIGKILL')
      await once(swapping, 'exit')
    }
    expect(existsSync(folder)).toBe(true)
  })
})
