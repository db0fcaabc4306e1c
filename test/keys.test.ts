import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, linkSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLI, folder } from './cli.ts'

const EXAMPLE = `# Copy to .env.\r
JWT_SECRET=your_jwt_secret_here # signs tokens\r
INTERNAL_API_KEY=\r
\r
PORT=8000\r
GOOGLE_CLIENT_ID=your_client_id\r
GOOGLE_CLIENT_SECRET=your_client_secret\r
OPENAI_API_KEY=your_openai_key\r
SENDGRID_API_KEY=your_sendgrid_key\r
`
const KEY = /^[\w-]{43,}$/

function keys(path: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'keys', ...args, '--folder', path], { encoding: 'utf8' })
  const values = existsSync(join(path, '.env')) ? Object.values(variables(path)).filter((value) => KEY.test(value)) : []
  for (const value of values) expect(`${stdout}${stderr}`).not.toContain(value)
  return { status, stdout, stderr }
}

const read = (path: string): string => readFileSync(join(path, '.env'), 'utf8')

function variables(path: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...read(path).matchAll(/^(\w+)=(\S*)/gm)].map(([, name = '', value = '']) => [name, value]))
}

function git(path: string, ...args: readonly string[]): void {
  const done = spawnSync('git', ['-C', path, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { encoding: 'utf8' })
  expect({ status: done.status, stderr: done.stderr }).toMatchObject({ status: 0 })
}

describe('sallyport keys generate', () => {
  it('M9 · a new .env is the example with its own keys made, mode 0600, and every other line as it was', () => {
    const path = folder({ '.env.example': EXAMPLE })
    const { status, stdout } = keys(path, 'generate', '--yes')
    expect(status).toBe(0)
    const { JWT_SECRET = '', INTERNAL_API_KEY = '' } = variables(path)
    expect(JWT_SECRET).toMatch(KEY)
    expect(INTERNAL_API_KEY).toMatch(KEY)
    expect(JWT_SECRET).not.toBe(INTERNAL_API_KEY)
    expect(read(path).replace(JWT_SECRET, 'your_jwt_secret_here').replace(INTERNAL_API_KEY, '')).toBe(EXAMPLE)
    expect(lstatSync(join(path, '.env')).mode & 0o777).toBe(0o600)
    for (const name of ['GOOGLE_CLIENT_SECRET', 'OPENAI_API_KEY', 'SENDGRID_API_KEY']) expect(stdout).toContain(`${name}: needs a value`)
  })

  it('M9 · a real key is kept, a placeholder that was copied from the example is replaced, and the mode is tightened', () => {
    const path = folder({ '.env.example': 'JWT_SECRET=only-for-a-first-look-1234567890\nSESSION_SECRET=x\n' })
    const real = 'Zk3-real-key-of-somebody_9f8e7d6c5b4a3Q'
    writeFileSync(join(path, '.env'), `# mine\nINTERNAL_API_KEY='${real}' # do not touch\nJWT_SECRET=only-for-a-first-look-1234567890\nX=1`)
    chmodSync(join(path, '.env'), 0o644)
    expect(keys(path, 'generate', '--yes')).toMatchObject({ status: 0 })
    const { JWT_SECRET = '', SESSION_SECRET = '' } = variables(path)
    expect(read(path)).toBe(
      `# mine\nINTERNAL_API_KEY='${real}' # do not touch\nJWT_SECRET=${JWT_SECRET}\nX=1\nSESSION_SECRET=${SESSION_SECRET}\n`,
    )
    expect(JWT_SECRET).toMatch(KEY)
    expect(SESSION_SECRET).toMatch(KEY)
    expect(lstatSync(join(path, '.env')).mode & 0o777).toBe(0o600)
    const before = read(path)
    expect(keys(path, 'generate', '--yes').stderr).toContain('stays as it is')
    expect(read(path)).toBe(before)
  })

  it('M9 · a byte order mark stays', () => {
    const path = folder({ '.env': '\ufeffA=1\nJWT_SECRET=\n' })
    keys(path, 'generate', '--yes')
    expect(read(path)).toMatch(/^\ufeffA=1\nJWT_SECRET=[\w-]{43}\n$/)
  })

  it('M9 · the policy asks too: a key where a service takes one, a token secret where users sign in', () => {
    const path = folder({
      'sallyport.yaml':
        'version: 1\nname: x\nservices: { api: { port: 9100, http: { auth: key } }, web: { port: 9101, http: { auth: user } } }\n',
    })
    expect(keys(path, 'generate', '--yes').status).toBe(0)
    expect(Object.keys(variables(path))).toEqual(['INTERNAL_API_KEY', 'JWT_SECRET'])
  })

  it('C6 · without a terminal and without --yes nothing is written, and what would be is said', () => {
    const path = folder({ '.env.example': EXAMPLE })
    const { status, stdout, stderr } = keys(path, 'generate')
    expect(status).toBe(2)
    expect(stdout).toContain('JWT_SECRET: a new random key')
    expect(stderr).toContain('--yes')
    expect(existsSync(join(path, '.env'))).toBe(false)
    expect(existsSync(join(path, '.env.sallyport-lock'))).toBe(false)
  })

  it('C6 · on a terminal it asks: only y writes', () => {
    const answered = (answer: string): boolean => {
      const path = folder({ '.env.example': EXAMPLE })
      const command = `${process.execPath} ${CLI} keys generate --folder ${path}`
      const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', input: `${answer}\n`, timeout: 60_000 })
      expect(stdout).toContain('[y/N]')
      return existsSync(join(path, '.env'))
    }
    expect(['y', 'n', ''].map(answered)).toEqual([true, false, false])
  })

  it('C6 · what somebody writes into the file while the question stands there is not lost', async () => {
    const path = folder({ '.env': 'JWT_SECRET=\n' })
    const command = `'${process.execPath}' '${CLI}' keys generate --folder '${path}'`
    const asked = spawn('script', ['-qec', command, '/dev/null'])
    const done = once(asked, 'close')
    let output = ''
    for await (const text of asked.stdout as AsyncIterable<Buffer>) {
      const isAsked = output.includes('[y/N]')
      output += text.toString()
      if (isAsked || !output.includes('[y/N]')) continue
      writeFileSync(join(path, '.env'), 'JWT_SECRET=\nPORT=8000\n')
      asked.stdin.write('y\n')
    }
    expect((await done)[0]).toBe(2)
    expect(output).toContain('was changed since it was read, so nothing was written')
    expect(read(path)).toBe('JWT_SECRET=\nPORT=8000\n')
  })

  it('C6 · a link among its locks that leads to what never ends is taken away unread', () => {
    const path = folder({ '.env': 'JWT_SECRET=\n' })
    symlinkSync('/dev/zero', join(path, '.env.sallyport-lock.left'))
    expect(keys(path, 'generate', '--yes')).toMatchObject({ status: 0 })
    expect(readdirSync(path)).toEqual(['.env'])
  })

  it('a name that is given twice is one', () => {
    const path = folder({ '.env': 'A=1\n' })
    expect(keys(path, 'generate', 'JWT_SECRET', 'JWT_SECRET', '--yes')).toMatchObject({ status: 0 })
    expect(read(path).match(/JWT_SECRET/g)).toHaveLength(1)
    expect(keys(path, 'rotate', 'JWT_SECRET', 'JWT_SECRET', '--yes')).toMatchObject({ status: 0 })
  })

  it('a link is not followed, and a name that is none is refused', () => {
    const path = folder({ '.env.example': EXAMPLE, 'other.env': 'A=1\n' })
    symlinkSync(join(path, 'other.env'), join(path, '.env'))
    expect(keys(path, 'generate', '--yes')).toMatchObject({ status: 2, stderr: expect.stringContaining('is a link to') })
    expect(readFileSync(join(path, 'other.env'), 'utf8')).toBe('A=1\n')
    expect(keys(path, 'generate', 'NO NAME', '--yes').status).toBe(2)
  })
})

describe('where else the keys would go', () => {
  it('M9 · an example that is a link is named by its own option, and what it leads to is not written', () => {
    const outside = folder({ 'outside.txt': 'JWT_SECRET=\n' })
    const path = folder({})
    symlinkSync(join(outside, 'outside.txt'), join(path, '.env.example'))
    const { status, stderr } = keys(path, 'generate', '--yes')
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining(`--example ${join(outside, 'outside.txt')}`) })
    expect(stderr).not.toContain('--file')
    expect(existsSync(join(path, '.env'))).toBe(false)
    expect(readFileSync(join(outside, 'outside.txt'), 'utf8')).toBe('JWT_SECRET=\n')
  })

  it('M16 · a file that git does not ignore is warned of, with the line that it needs', () => {
    const path = folder({ '.env.example': 'JWT_SECRET=\n' })
    git(path, 'init', '-q')
    expect(keys(path, 'generate', '--yes')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`warning: git does not ignore ${join(path, '.env')}: the line /.env in ${join(path, '.gitignore')}`),
    })
    git(path, 'add', '-f', '.env')
    expect(keys(path, 'rotate', '--incident', '--yes').stderr).toContain('git rm --cached .env')
    git(path, 'rm', '-qf', '--cached', '.env')
    writeFileSync(join(path, '.gitignore'), '/.env\n')
    expect(keys(path, 'rotate', '--incident', '--yes').stderr).not.toContain('warning')
  })

  it('C6 · a file that has another name is not replaced, which would leave the old keys under that name', () => {
    const path = folder({ real: 'JWT_SECRET=\n' })
    linkSync(join(path, 'real'), join(path, '.env'))
    expect(keys(path, 'generate', '--yes')).toMatchObject({ status: 2, stderr: expect.stringContaining('hard link') })
    expect(read(path)).toBe('JWT_SECRET=\n')
  })
})

describe('sallyport keys rotate', () => {
  const OLD = 'Zk3vXn5tRk7ZbYd2Lf9Hs4Gm6Pc1Ea0Uo-TiWxVyB_w'

  it('M2 · a planned rotation keeps the old key valid, says until when, and is finished by itself', () => {
    const path = folder({ '.env': `A=1\nINTERNAL_API_KEY=${OLD}\nSENDGRID_API_KEY=SG.x\n` })
    const before = Date.now()
    const { status, stdout } = keys(path, 'rotate', '--overlap', '2h', '--yes')
    expect(status).toBe(0)
    const now = variables(path)
    expect(now['INTERNAL_API_KEY']).toMatch(KEY)
    expect(now['INTERNAL_API_KEY']).not.toBe(OLD)
    expect(now['INTERNAL_API_KEY_PREVIOUS']).toBe(OLD)
    const until = now['INTERNAL_API_KEY_PREVIOUS_UNTIL'] ?? ''
    expect(Math.abs(Date.parse(until) - before - 7_200_000)).toBeLessThan(60_000)
    expect(stdout).toContain(until)
    expect(stdout).toMatch(/SENDGRID_API_KEY: not changed here; SendGrid makes it: https:/)
    // A second one would end the first overlap before its time.
    expect(keys(path, 'rotate', '--yes').status).toBe(2)
    expect(variables(path)).toEqual(now)
    // What is only planned is not told as done.
    const planned = keys(path, 'rotate', '--finish')
    expect(planned).toMatchObject({
      status: 2,
      stdout: expect.stringMatching(/^INTERNAL_API_KEY_PREVIOUS: to be taken out; it is valid no longer then\n/),
    })
    expect(planned.stderr).toContain('nothing was changed')
    expect(variables(path)).toEqual(now)
    expect(keys(path, 'rotate', '--finish', '--yes').status).toBe(0)
    expect(read(path)).toBe(`A=1\nINTERNAL_API_KEY=${now['INTERNAL_API_KEY']}\nSENDGRID_API_KEY=SG.x\n`)
  })

  it('M9 · in an incident there is no overlap: every own key is new, and no old one is left', () => {
    const path = folder({
      '.env': `JWT_SECRET=${OLD}\nINTERNAL_API_KEY=x${OLD}\nINTERNAL_API_KEY_PREVIOUS=y${OLD}\nINTERNAL_API_KEY_PREVIOUS_UNTIL=2099-01-01T00:00:00Z\n`,
    })
    expect(keys(path, 'rotate', '--incident', '--yes').status).toBe(0)
    expect(Object.keys(variables(path))).toEqual(['JWT_SECRET', 'INTERNAL_API_KEY'])
    expect(read(path)).not.toContain(OLD)
  })
})

describe('a key that is named', () => {
  const secret = 'Zk3vXn5tRk7ZbYd2Lf9Hs4Gm6Pc1Ea0Uo-TiWxVyB_w'

  it.each([
    ['rotate', 'OPENAI_API_KEY', /only OpenAI makes OPENAI_API_KEY[^]*https:\/\/platform\.openai\.com/],
    ['generate', 'OPENAI_API_KEY', /only OpenAI makes OPENAI_API_KEY/],
    ['rotate', 'DATABASE_URL', /is an address/],
    ['generate', 'REDIS_URL', /is an address/],
  ])('M9 · %s %s is refused: no random text can be it', (verb, name, why) => {
    const text = `JWT_SECRET=${secret}\nOPENAI_API_KEY=sk-proj-Vn5tRk7ZbYd2Lf9Hs4\nDATABASE_URL=postgres://app:Vn5tRk7ZbYd2Lf9@db/app\n`
    const path = folder({ '.env': text })
    expect(keys(path, verb, name, '--yes')).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(why) })
    expect(read(path)).toBe(text)
  })

  it('M9 · who makes a key is told whole: no word of it is taken for the key', () => {
    const path = folder({ '.env': `JWT_SECRET=${secret}\n` })
    const parts = [
      'OPENAI_API_KEY',
      'GITHUB_TOKEN',
      'STRIPE_SECRET_KEY',
      'AZURE_CLIENT_SECRET',
      'AWS_SECRET_ACCESS_KEY',
      'TWILIO_AUTH_TOKEN',
    ]
    for (const name of parts) {
      const { stderr } = keys(path, 'generate', name, '--yes')
      expect(stderr).toMatch(new RegExp(`makes ${name}, and a random text in its place would not be taken there\n {2}make a new one `))
      expect(stderr).not.toContain('redacted')
    }
  })

  it('M9 · API_KEY may be anybody’s: it is made and rotated only where it is named', () => {
    const path = folder({ '.env.example': 'JWT_SECRET=\nAPI_KEY=\n' })
    expect(keys(path, 'generate', '--yes').stdout).toContain('API_KEY: needs a value (whose it is cannot be told')
    expect(read(path)).toMatch(/^API_KEY=$/m)
    keys(path, 'generate', 'API_KEY', '--yes')
    const made = variables(path)['API_KEY']
    expect(made).toMatch(KEY)
    expect(keys(path, 'rotate', '--yes').stdout).toContain('API_KEY: not changed here; whose it is cannot be told')
    expect(variables(path)['API_KEY']).toBe(made)
    keys(path, 'rotate', 'API_KEY', '--yes')
    expect(variables(path)['API_KEY_PREVIOUS']).toBe(made)
  })

  it('M9 · says nothing of other keys, and of a data store’s that the store has to be given it', () => {
    const path = folder({
      '.env': `JWT_SECRET=${secret}\nPOSTGRES_PASSWORD=x${secret}\nSENDGRID_API_KEY=SG.x\nENCRYPTION_KEY=y${secret}\n`,
    })
    chmodSync(join(path, '.env'), 0o600)
    const { stdout } = keys(path, 'rotate', 'POSTGRES_PASSWORD', '--yes')
    expect(stdout).toBe(
      'POSTGRES_PASSWORD: a new random key; the old one is kept as POSTGRES_PASSWORD_PREVIOUS; the data store has it too: change it there and here\n',
    )
    expect(keys(path, 'generate', 'SESSION_SECRET', '--yes').stdout).toBe('SESSION_SECRET: a new random key (it is not there)\n')
    expect(keys(path, 'rotate', 'JWT_SECRET', '--yes').stdout).toMatch(/^JWT_SECRET: a new random key; the old one is kept as .*\n$/)
  })
})

describe('a key that stored data is read with', () => {
  const secret = 'Zk3vXn5tRk7ZbYd2Lf9Hs4Gm6Pc1Ea0Uo-TiWxVyB_w'

  it.each([
    [['rotate'], `ENCRYPTION_KEY=${secret}\n`],
    [['rotate', '--incident'], `ENCRYPTION_KEY=${secret}\n`],
    [['rotate', '--finish'], `ENCRYPTION_KEY_PREVIOUS=${secret}\n`],
  ] as const)('M9 · %s leaves it and says so, unless it is named', (args, line) => {
    const path = folder({ '.env': `JWT_SECRET=${secret}\n${line}` })
    const { status, stdout } = keys(path, ...args, '--yes')
    expect(status).toBe(0)
    expect(stdout).toContain(`${line.split('=')[0]}: left as it is`)
    expect(read(path)).toContain(line)
    expect(keys(path, ...args, 'ENCRYPTION_KEY', '--yes')).toMatchObject({ status: 0 })
    expect(read(path)).not.toContain(line)
  })
})

describe('sallyport keys check', () => {
  it('M10 · every missing variable is named at once, and every placeholder', () => {
    const path = folder({ '.env.example': EXAMPLE, '.env': 'GOOGLE_CLIENT_ID=1\nPORT=1\nJWT_SECRET=your_jwt_secret_here\n' })
    chmodSync(join(path, '.env'), 0o600)
    const { status, stdout } = keys(path, 'check')
    expect(status).toBe(1)
    expect(stdout).toContain('.env: has no value for INTERNAL_API_KEY, GOOGLE_CLIENT_SECRET, OPENAI_API_KEY, SENDGRID_API_KEY\n')
    expect(stdout).toContain('.env:3:1: JWT_SECRET is a placeholder')
  })

  it('M10 · without a file it says that there is none, and what it would have', () => {
    const path = folder({ '.env.example': 'JWT_SECRET=\nSENDGRID_API_KEY=\n' })
    expect(keys(path, 'check')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^\.env: is not there, and so has no value for JWT_SECRET, SENDGRID_API_KEY\n/),
    })
  })

  it('M10 · where there is no file to look at, nothing of it is well', () => {
    for (const [files, ...file] of [[{}], [{ '.env': 'PORT=1\n' }, '--file', '.env.production']] as const) {
      const path = folder(files)
      const name = file[1] ?? '.env'
      const { status, stdout, stderr } = keys(path, 'check', ...file)
      expect([status, stdout]).toEqual([2, ''])
      const command = `sallyport keys generate ${file.length === 0 ? '' : `--file ${name} `}--folder `
      expect(stderr).toMatch(new RegExp(`^sallyport: there is no ${name} in \\S+\\n {2}write one with ${command}\\S+\\n$`))
    }
    const asked = folder({ 'sallyport.yaml': 'version: 1\nservices: { api: { port: 9100, http: { auth: key } } }\n' })
    expect(keys(asked, 'check', '--file', '.env.production')).toMatchObject({
      status: 1,
      stdout: `.env.production: is not there, and so has no value for INTERNAL_API_KEY\n  sallyport keys generate --file .env.production --folder ${asked}\n`,
    })
    // Another file of variables was looked at.
    const other = folder({ 'api.env': 'PORT=1\n' })
    expect(keys(other, 'check')).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^note: there is no \.env in .*; api\.env was looked at\n/),
    })
  })

  it('M10 · what is proposed can be run as it stands: with the file and the folder', () => {
    const old = 'Zk3vXn5tRk7ZbYd2Lf9Hs4Gm6Pc1Ea0Uo-TiWxVyB_w'
    const path = folder({
      '.env': 'PORT=1\n',
      '.env.production': `JWT_SECRET=abc\nSESSION_SECRET=\nINTERNAL_API_KEY=${old}\nINTERNAL_API_KEY_PREVIOUS=x${old}\nINTERNAL_API_KEY_PREVIOUS_UNTIL=2026-01-01T00:00:00Z\nAPI_KEY=\n`,
    })
    const file = ['--file', '.env.production'] as const
    const proposed = (text: string): readonly string[] =>
      [...text.matchAll(/sallyport keys (.*?)(?:\)?$| makes the )/gm)].map(([, words = '']) => words)
    const checked = proposed(keys(path, 'check', ...file).stdout)
    expect(checked).toEqual(
      ['generate', 'rotate JWT_SECRET', 'rotate --finish INTERNAL_API_KEY'].map(
        (words) => `${words} --file .env.production --folder ${path}`,
      ),
    )
    // It is the file with the secret in it that is named, whichever was asked about.
    expect(keys(path, 'check').stdout).toContain(`sallyport keys rotate JWT_SECRET --file .env.production --folder ${path}\n`)
    for (const words of checked.slice(1)) {
      const args = words.split(' ').slice(0, -2)
      expect(keys(path, ...args, '--yes').status, words).toBe(0)
    }
    expect(proposed(keys(path, 'generate', ...file, '--yes').stdout)).toEqual([`generate API_KEY --file .env.production --folder ${path}`])
    expect(keys(path, 'rotate', 'JWT_SECRET', ...file).stderr).toContain(
      `rotate --finish JWT_SECRET --file .env.production --folder ${path}, or`,
    )
  })

  it('M16 · a secret that is in use and that a commit has is told, also when the file is ignored since; a rotated one is not', () => {
    const path = folder({ '.env.example': EXAMPLE })
    git(path, 'init', '-q')
    keys(path, 'generate', '--yes')
    git(path, 'add', '-f', '.env')
    git(path, 'commit', '-q', '-m', 'x')
    git(path, 'rm', '-q', '--cached', '.env')
    writeFileSync(join(path, '.gitignore'), '.env\n')
    git(path, 'add', '.gitignore')
    git(path, 'commit', '-q', '-m', 'y')
    const told = JSON.parse(keys(path, 'check', '--format', 'json').stdout) as {
      problems: readonly { problem: string; names: readonly string[] }[]
    }
    const inHistory = (problems: typeof told.problems) =>
      problems.filter(({ problem }) => problem === 'in-history').flatMap(({ names }) => names)
    expect(inHistory(told.problems)).toEqual(['JWT_SECRET', 'INTERNAL_API_KEY'])
    keys(path, 'rotate', '--incident', 'JWT_SECRET', '--yes')
    const later = JSON.parse(keys(path, 'check', '--format', 'json').stdout) as typeof told
    expect(inHistory(later.problems)).toEqual(['INTERNAL_API_KEY'])
  })

  it('M10 · versions in git’s history that are too large, or too large together, are told as not seen, and the others looked at', () => {
    const path = folder({
      '.env': `JWT_SECRET=${'Zk3vXn5tRk7ZbYd2Lf9Hs4Qw8-Jm6Pc0Tg1Va'}\n`,
      '.gitignore': '.env\n',
      'sallyport.yaml': 'version: 1\nname: x\n',
    })
    chmodSync(join(path, '.env'), 0o600)
    const value = read(path)
    git(path, 'init', '-q')
    const commit = (text: string) => {
      writeFileSync(join(path, '.env'), text)
      git(path, 'add', '-f', '.env')
      git(path, 'commit', '-q', '-m', 'x')
    }
    const check = () => JSON.parse(keys(path, 'check', '--format', 'json').stdout) as { problems: { problem: string; message: string }[] }
    const of = (kind: string) => check().problems.flatMap(({ problem, message }) => (problem === kind ? [message] : []))
    const large = (version: number, bytes: number) => `A=${version}${'x'.repeat(bytes)}\n`
    for (let version = 0; version < 3; version++) commit(large(version, 2 * 1024 * 1024))
    git(path, 'rm', '-q', '--cached', '.env')
    git(path, 'commit', '-q', '-m', 'y')
    writeFileSync(join(path, '.env'), value)
    expect(check().problems.map(({ message }) => message)).toEqual([
      'not seen: 3 versions of these files in git’s history: larger than 1 MB',
    ])
    expect(keys(path, 'check').status).toBe(3)
    // Newest first: the oldest are beyond the sum.
    for (let version = 0; version < 20; version++) commit(large(version, 1024 * 1024 - 100))
    commit(value)
    expect(of('in-history')).toHaveLength(1)
    expect(of('not-seen')).toEqual([
      'not seen: 4 versions of these files in git’s history: beyond 16 MB of all versions together',
      'not seen: 3 versions of these files in git’s history: larger than 1 MB',
    ])
  })

  it('M10 · a file of variables that could not be read is told', () => {
    const path = folder({ '.env': 'A=1\n', '.env.production': `A=${'x'.repeat(20 * 1024 * 1024)}\n` })
    const { status, stdout } = keys(path, 'check')
    expect([status, stdout]).toEqual([
      3,
      '.env.production: not seen: .env.production is too large to be read (20 MB)\n  look at it as a user who may\n',
    ])
  })

  it('M10 · why a secret is weak can be read, and a line that is not understood is told', () => {
    const path = folder({ '.env': 'JWT_SECRET=abc\nSESSION_SECRET="Zk3vXn5tRk7ZbYd2Lf9Hs4\n' })
    const { status, stdout } = keys(path, 'check')
    expect(status).toBe(1)
    expect(stdout).toContain('.env:1:1: JWT_SECRET is short\n')
    expect(stdout).toContain('.env:2:1: not seen: what this line sets: a quote is not closed\n')
    expect(keys(path, 'generate', '--yes').stderr).toContain(
      'warning: .env:2 is not understood, and left as it is: a quote is not closed\n',
    )
    const unread = folder({ '.env': 'SESSION_SECRET="Zk3vXn5tRk7ZbYd2Lf9Hs4\n' })
    chmodSync(join(unread, '.env'), 0o600)
    expect(keys(unread, 'check').status).toBe(3)
    expect(keys(unread, 'check', '--file', 'nowhere/.env')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no folder'),
    })
  })

  it('nothing of a hostile repository runs', () => {
    const path = folder({ '.env': 'JWT_SECRET=Zk3vXn5tRk7ZbYd2Lf9Hs4Gm6Pc1Ea0Uo-TiWxVyB_w\n' })
    git(path, 'init', '-q')
    git(path, 'add', '-f', '.env')
    git(path, 'commit', '-q', '-m', 'x')
    writeFileSync(join(path, 'run.sh'), `#!/bin/sh\ntouch '${path}/ran'\n`, { mode: 0o755 })
    writeFileSync(join(path, '.gitattributes'), '* diff=evil\n')
    const settings = [
      'core.fsmonitor',
      'core.pager',
      'pager.log',
      'gpg.program',
      'diff.external',
      'diff.evil.textconv',
      'diff.evil.command',
      'core.sshCommand',
    ]
    for (const name of settings) git(path, 'config', name, `${path}/run.sh`)
    git(path, '-c', 'core.fsmonitor=false', 'config', 'log.showSignature', 'true')
    const { stdout } = keys(path, 'check')
    expect(stdout).toContain('is in use, and commit')
    expect(existsSync(join(path, 'ran'))).toBe(false)
  })

  it('one secret under two names, and one for development and production', () => {
    const secret = 'Zk3vXn5tRk7ZbYd2Lf9Hs4Gm6Pc1Ea0Uo-TiWxVyB_w'
    const path = folder({
      '.env.development': `JWT_SECRET=${secret}\nINTERNAL_API_KEY=${secret}\n`,
      '.env.production': `JWT_SECRET=${secret}\n`,
    })
    const { stdout } = keys(path, 'check')
    expect(stdout).toContain('INTERNAL_API_KEY is the same secret as JWT_SECRET')
    expect(stdout).toContain('JWT_SECRET is the same secret as JWT_SECRET in .env.development')
  })
})
