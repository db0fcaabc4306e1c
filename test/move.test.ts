import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answerWithin } from '../packages/cli/src/change/moved.ts'
import { CLI, folder, ROOT } from './cli.ts'

const VOICE = ['right', 'wrong/port-8000', 'wrong/everything-on-8000']

/** examples/voice with everything on 8000, as it is copied for development. */
function voice(): string {
  const path = folder()
  for (const layer of VOICE) cpSync(join(ROOT, 'examples/voice', layer), path, { recursive: true })
  cpSync(join(path, '.env.example'), join(path, '.env'))
  return path
}

function deployment(files: Readonly<Record<string, string>>): string {
  const path = folder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}

function move(path: string, ...args: readonly string[]) {
  const command = [CLI, 'ports', 'move', ...args, '--folder', path, '--scope', 'folder']
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** Every file of a folder, by path. */
function texts(path: string): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.startsWith('.sallyport') && statSync(join(path, name)).isFile())
      .toSorted()
      .map((name) => [name, readFileSync(join(path, name), 'utf8')]),
  )
}

/** The lines that differ, as they are afterwards. */
function changedLines(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  return [...after].flatMap(([name, text]) => {
    const old = before.get(name)?.split('\n') ?? []
    return text.split('\n').flatMap((line, index) => (line === old[index] ? [] : [`${name}:${index + 1}`]))
  })
}

describe('sallyport ports move', () => {
  it('V8 · on the voice example every place moves and no decoy does', () => {
    const path = voice()
    const before = texts(path)
    expect(move(path, 'voice', '9847', '--environment', 'development', '--yes')).toMatchObject({ status: 0 })
    const after = texts(path)
    expect(changedLines(before, after)).toEqual([
      ...['.env', '.env.example'].flatMap((name) => [3, 4, 5, 6].map((line) => `${name}:${line}`)),
      ...[3, 4, 5].map((line) => `Dockerfile:${line}`),
      ...[2, 5, 8].map((line) => `Makefile:${line}`),
      ...[3, 4, 5].map((line) => `deploy/voice.service:${line}`),
      ...[4, 7, 10, 15].map((line) => `docker-compose.yml:${line}`),
      ...[6, 8].map((line) => `ecosystem.config.cjs:${line}`),
      'monitoring/prometheus.yml:6',
      ...[2, 14].map((line) => `nginx/development.conf:${line}`),
      ...[4, 5].map((line) => `package.json:${line}`),
      ...[12, 19, 21].map((line) => `sallyport.yaml:${line}`),
      'scripts/dev.sh:5',
      'scripts/firewall.sh:6',
      'scripts/health.sh:6',
      ...[3, 4].map((line) => `scripts/smoke.sh:${line}`),
      'scripts/start.sh:8',
      ...[7, 8, 9].map((line) => `src/main.py:${line}`),
    ])
    // What is on a line that changed and is no port of the service stays there too.
    expect(after.get('package.json')).toContain('wait-on --timeout 8000 http://localhost:9847/health')
    expect(after.get('monitoring/prometheus.yml')).toContain('["127.0.0.1:9847", "192.0.2.50:8000"]')
    expect(after.get('docker-compose.yml')).toContain('VOICE_URL: http://voice:9847')
    // Nothing but the number is otherwise.
    for (const [name, text] of after) expect(text.replaceAll('9847', '8000')).toBe(before.get(name)?.replaceAll('9847', '8000'))
  })

  it('V8 · says what it leaves and why, and what has to change elsewhere, with both values', () => {
    const { status, stdout } = move(voice(), 'voice', '9847', '--environment', 'development', '--dry-run', '--format', 'json')
    expect(status).toBe(0)
    const data = JSON.parse(stdout) as {
      readonly written: boolean
      readonly left: readonly { readonly place: string; readonly why: string }[]
      readonly elsewhere: readonly { readonly what: string; readonly from: string; readonly to: string }[]
    }
    expect(data.written).toBe(false)
    expect(data.left).toContainEqual({ place: '.env:7:17', why: 'CALL_TIMEOUT_MS is not what gives the port' })
    expect(data.left).toContainEqual({ place: 'docker-compose.yml:14:14', why: 'the port of digest' })
    expect(data.elsewhere).toContainEqual(
      expect.objectContaining({
        what: 'OAuth redirect URI',
        from: 'http://localhost:8000/auth/callback',
        to: 'http://localhost:9847/auth/callback',
      }),
    )
    expect(data.elsewhere).toContainEqual(expect.objectContaining({ what: 'Twilio webhook URL', to: 'http://192.168.1.100:9847/calls' }))
  })

  it('V8 · with --docs texts for people move too, where they speak of the port', () => {
    const path = voice()
    move(path, 'voice', '9847', '--environment', 'development', '--yes', '--docs')
    expect(readFileSync(join(path, 'NOTES.md'), 'utf8')).toContain(
      'listens on port 9847: open http://localhost:9847/health. A call is given up after 8000 ms.',
    )
    expect(readFileSync(join(path, '.env'), 'utf8')).toContain('The development server is on port 9847.')
  })

  it('V4 · an environment moves alone, and what is named for another one stays', () => {
    const path = deployment({
      'sallyport.yaml':
        'version: 1\nname: x\nservices:\n  voice: { port: 9847 }\nenvironments:\n  development: { services: { voice: { port: 9847 } } }\n  staging: { services: { voice: { port: 9848 } } }\n  production: { services: { voice: { port: 9849 } } }\n',
      '.env.staging': 'PORT=9848\nORIGIN_CORS=http://localhost:9848\n',
      '.env.production': 'PORT=9848\n',
      'start.sh': '#!/bin/sh\nexec node server.js\n',
      'server.js': "require('http').createServer().listen(process.env.PORT || 9847, '127.0.0.1')\n",
    })
    const before = texts(path)
    expect(move(path, 'voice', '9850', '--environment', 'staging', '--yes')).toMatchObject({ status: 0 })
    expect(changedLines(before, texts(path))).toEqual(['.env.staging:1', '.env.staging:2', 'sallyport.yaml:7'])
  })

  it('V4 · a port that another environment takes from the same place is not moved with it', () => {
    const path = deployment({
      'sallyport.yaml': 'version: 1\nname: x\nservices: { voice: { port: 9847 } }\nenvironments: { development: {}, staging: {} }\n',
      '.env': 'PORT=9847\n',
    })
    expect(move(path, 'voice', '9850', '--environment', 'staging', '--yes')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('gives voice its port in development too'),
    })
  })

  it.each([
    ['22', /SSH/],
    ['3000', /level 1/],
  ])('V7 · %s is refused without --force', (port, why) => {
    const path = deployment({
      'sallyport.yaml': 'version: 1\nname: x\nservices: { voice: { port: 8000 }, other: { port: 9100 } }\n',
      '.env': 'PORT=8000\n',
      'server.js': "require('http').createServer().listen(process.env.PORT, '127.0.0.1')\n",
    })
    const { status, stderr } = move(path, 'voice', port, '--yes')
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(why) })
    expect(readFileSync(join(path, '.env'), 'utf8')).toBe('PORT=8000\n')
    expect(move(path, 'voice', port, '--yes', '--force').status).toBe(0)
    expect(readFileSync(join(path, '.env'), 'utf8')).toBe(`PORT=${port}\n`)
  })

  it('V7 · a port that the policy gives another service is refused, also with --force: the policy would not hold', () => {
    const files = {
      'sallyport.yaml': 'version: 1\nname: x\nservices: { voice: { port: 8000 }, other: { port: 9100 } }\n',
      '.env': 'PORT=8000\n',
    }
    const path = deployment({ ...files, 'server.js': "require('http').createServer().listen(process.env.PORT, '127.0.0.1')\n" })
    expect(move(path, 'voice', '9100', '--yes')).toMatchObject({ status: 2, stderr: expect.stringContaining('other has it') })
    expect(move(path, 'voice', '9100', '--yes', '--force')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('nothing was changed'),
    })
    expect(readFileSync(join(path, '.env'), 'utf8')).toBe('PORT=8000\n')
  })

  it('C6 · nothing is written without --yes or an answer, and undo takes the move back', () => {
    const path = voice()
    const before = texts(path)
    expect(move(path, 'voice', '9847', '--environment', 'development')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--yes'),
    })
    expect(texts(path)).toEqual(before)
    move(path, 'voice', '9847', '--environment', 'development', '--yes')
    expect(texts(path)).not.toEqual(before)
    expect(spawnSync(process.execPath, [CLI, 'undo', '--yes', '--folder', path], { encoding: 'utf8' })).toMatchObject({ status: 0 })
    expect(texts(path)).toEqual(before)
  })

  it('V7 · without a policy the files say the port; who is not there is said, with the nearest name', () => {
    const path = deployment({
      'package.json': '{"name":"x","scripts":{"start":"node server.js"}}',
      'server.js': "require('http').createServer().listen(8123, '127.0.0.1')\n",
    })
    expect(move(path, 'nobody', '9847', '--yes').status).toBe(2)
    expect(spawnSync(process.execPath, [CLI, 'ports', path, '--scope', 'folder'], { encoding: 'utf8' })).toMatchObject({ status: 0 })
  })

  it('V8 · a move that no file would follow is refused: the port is the program’s own', () => {
    const files = {
      'sallyport.yaml': 'version: 1\nname: x\nservices: { main: { port: 8000 } }\n',
      'start.sh': '#!/bin/sh\nexec uvicorn main:app --host 127.0.0.1\n',
    }
    const path = deployment(files)
    expect(move(path, 'main', '9847', '--yes')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no start of main that was read would be on 9847'),
    })
    expect(readFileSync(join(path, 'sallyport.yaml'), 'utf8')).toBe(files['sallyport.yaml'])
  })

  it('C5 · no secret of a line that moves is printed', () => {
    const path = deployment({
      'sallyport.yaml': 'version: 1\nname: x\nservices: { voice: { port: 8000 } }\n',
      '.env':
        'PORT=8000\nSELF_URL=http://user:hunter2canary@localhost:8000/\nCALLBACK_URL=http://user:hunter2canary@localhost:8000/x?token=hunter2canary\nOTHER=${DB_PASSWORD:-hunter2canary}:8000\nAPI_KEY=hunter2canary8000\n',
      'server.js': "require('http').createServer().listen(process.env.PORT, '127.0.0.1')\n",
    })
    const { status, stdout, stderr } = move(path, 'voice', '9847', '--yes')
    expect(status).toBe(0)
    expect(readFileSync(join(path, '.env'), 'utf8')).toContain('hunter2canary@localhost:9847')
    expect(`${stdout}${stderr}`).not.toContain('hunter2')
    const json = move(path, 'voice', '9848', '--yes', '--format', 'json')
    expect(json.status).toBe(0)
    expect(json.stdout).not.toContain('hunter2')
  })
})

it('V8 · the command that is to be run afterwards has the policy, and words that a shell takes as they are', () => {
  const path = join(folder(), "it's here")
  mkdirSync(path)
  writeFileSync(join(path, 'index.js'), "require('express')().listen(9101, '127.0.0.1')\n")
  writeFileSync(join(path, 'my policy.yaml'), 'version: 1\nservices:\n  one: { port: 9101 }\n')
  const { stderr } = move(path, 'one', '9847', '--yes', '--policy', join(path, 'my policy.yaml'))
  const command = /sallyport (.*)/.exec(stderr.split('then: ')[1] ?? '')?.[1] ?? ''
  const said = spawnSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
  const words = ['ports', 'move', 'one', '9847', '--from', '9101', '--policy', join(path, 'my policy.yaml'), '--folder', path, '--verify']
  expect(said).toEqual(words)
})

describe('whether the new address answers', () => {
  it.each([
    ['whose headers never end', 'HTTP/1.1 200 OK\r\n', 'X-More: 1\r\n', { kind: 'none', why: 'no answer in time' }],
    ['whose body never ends', 'HTTP/1.1 200 OK\r\n\r\n', 'more', { kind: 'status', status: 200 }],
  ])('V8 · an answer %s is not waited for', async (_, first, more, answer) => {
    let closed: () => void
    const isClosed = new Promise<void>((resolve) => (closed = resolve))
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.write(first)
      const timer = setInterval(() => socket.write(more), 20)
      socket.on('close', () => {
        clearInterval(timer)
        closed()
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    expect(await answerWithin(new URL(`http://127.0.0.1:${port}/`), 100)).toEqual(answer)
    await isClosed
    server.close()
  })
})
