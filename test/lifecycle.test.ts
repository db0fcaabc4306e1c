import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLI, folder, ROOT } from './cli.ts'

/**
 * systemd needs to be process 1, which it is on no machine that these tests are made on: a stand-in records what it is asked for, and answers in
 * the form of `systemctl show`. That the words are systemd's own is not proved by it.
 */
function withStandIn(shown: string, policy: string) {
  const path = folder({
    'sallyport.yaml': policy,
    systemctl: `#!/bin/sh\necho "systemctl $*" >> "$(dirname "$0")/asked"\nif [ "$1" = show ]; then cat "$(dirname "$0")/shown"; fi\n`,
    journalctl:
      '#!/bin/sh\necho "journalctl $*" >> "$(dirname "$0")/asked"\necho "it cannot open its database"\necho "API_KEY=hunter2-canary-0f3a"\n',
    shown,
    asked: '',
  })
  for (const name of ['systemctl', 'journalctl']) chmodSync(join(path, name), 0o755)
  const run = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args, '--folder', path], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${path}:${process.env['PATH']}` },
    })
    return { status, stdout, stderr }
  }
  const asked = (): readonly string[] =>
    readFileSync(join(path, 'asked'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.includes(' show '))
  return { path, run, asked }
}

const POLICY = 'version: 1\nname: one\nservices:\n  worker: { port: 39471, run: { systemd: worker.service } }\n'
const ENDED = 'LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\nExecMainStatus=203\nNRestarts=5\nMainPID=0\n'

describe('a deployment of systemd (by a stand-in)', () => {
  it('M11 · a unit that has failed is told with its result and its last lines, without the secret in them', () => {
    const { run } = withStandIn(ENDED, POLICY)
    const { status, stdout } = run('health')
    expect(status).toBe(1)
    expect(stdout).toMatch(/^worker +Service down$/m)
    expect(stdout).toContain('the unit is failed (failed), result exit-code, exit code 203, started again 5 times')
    expect(stdout).toContain('it cannot open its database')
    expect(stdout).not.toContain('canary')
  })

  it('M11 · it is started and stopped by its unit, and only where that is agreed to', () => {
    const { run, asked, path } = withStandIn(ENDED, POLICY)
    expect(run('up', '--dry-run').stdout).toBe('systemctl start -- worker.service\n')
    expect(run('up').status).toBe(2)
    expect(asked()).toEqual([])
    // It stays down, for the stand-in starts nothing: up says so.
    expect(run('up', '--yes', '--timeout', '1').status).toBe(1)
    expect(asked()[0]).toBe('systemctl start -- worker.service')
    writeFileSync(join(path, 'shown'), ENDED.replace('ActiveState=failed', 'ActiveState=active'))
    expect(run('down', '--yes').status).toBe(0)
    expect(asked().at(-1)).toBe('systemctl stop -- worker.service')
  })

  it('M11 · a unit that there is not was never started; where systemctl tells nothing it is not known', () => {
    const never = withStandIn('LoadState=not-found\nActiveState=inactive\n', POLICY)
    expect(never.run('health').stdout).toContain('systemd knows nothing of it')
    const untold = withStandIn('', 'version: 1\nname: one\nservices:\n  worker: { port: 39471-39480, run: { systemd: worker.service } }\n')
    expect(untold.run('health')).toMatchObject({ status: 3, stdout: expect.stringContaining('not known') })
  })
})

/** Two services of compose, whose `docker compose logs SERVICE` is this shell text, with the service in `$service`. `version`: what the engine answers. */
function withLogs(shell: string, version = 'exit 0') {
  const run = withDocker(shell, version)
  return (...args: readonly string[]) => run('logs', ...args)
}

function withDocker(shell: string, version: string) {
  const path = folder({
    'docker-compose.yml': 'services:\n  one: { image: example/one:1 }\n  two: { image: example/two:1 }\n',
    'sallyport.yaml':
      'version: 1\nname: one\nservices:\n  one: { port: 39474, run: { compose: one } }\n  two: { port: 39475, run: { compose: two } }\n',
    docker: `#!/bin/sh\nif [ "$2" = version ]; then exit 0; fi\nif [ "$1" = version ]; then ${version}; fi\nfor service; do :; done\n${shell}\n`,
  })
  chmodSync(join(path, 'docker'), 0o755)
  return (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args, '--folder', path], {
      encoding: 'utf8',
      timeout: 20_000,
      env: { ...process.env, PATH: `${path}:${process.env['PATH']}` },
    })
    return { status, stdout, stderr }
  }
}

const BROKEN = 'echo "Error response from daemon: unauthorized: password=hunter2-canary-0f3a" >&2; exit 1'

describe('logs that cannot be read', () => {
  it.each([
    ['text', []],
    ['json', ['--format', 'json']],
    ['text, followed', ['--follow']],
  ])('M11 · what a command that failed says is no line of the log: %s', (_, more) => {
    const { status, stdout, stderr } = withLogs(BROKEN)(...more)
    expect([status, stdout]).toEqual([2, ''])
    for (const name of ['one', 'two']) {
      expect(stderr).toMatch(new RegExp(`^${name} \\| Error response from daemon: .*\\[redacted\\]`, 'm'))
      expect(stderr).toContain(`the log of ${name} could not be read: docker failed with exit code 1`)
    }
    expect(stderr).not.toContain('canary')
  })

  it.each([
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'start it (systemctl start docker), or name another with DOCKER_HOST',
    ],
    ['permission denied while trying to connect to the Docker daemon socket', 'run it as root, or as a user of the group docker'],
  ])('M11, M17 · an engine that does not answer is told once for each service, and compose is not left to fail: %s', (said, next) => {
    const run = withDocker('echo "Traceback (most recent call last):" >&2; exit 1', `echo "${said}" >&2; exit 1`)
    const logs = run('logs')
    expect([logs.status, logs.stdout]).toEqual([2, ''])
    expect(logs.stderr).toBe(
      ['one', 'two'].map((name) => `note: the log of ${name} could not be read: docker does not answer: ${said} (${next})\n`).join(''),
    )
    expect(run('logs', '--security').stderr).toContain(`the log of one could not be read: docker does not answer: ${said}`)
    for (const command of ['up', 'down', 'build']) {
      const { status, stdout, stderr } = run(command, '--yes')
      expect([command, status, stdout, stderr]).toEqual([command, 2, '', `sallyport: docker does not answer: ${said}\n  ${next}\n`])
    }
    expect(run('up', '--dry-run')).toMatchObject({ status: 0, stdout: 'docker compose up --detach one two\n' })
  })

  it('M11 · where PM2 does not run, or nobody starts it, that is why there is no log', () => {
    const path = folder({
      'ecosystem.config.js': "module.exports = { apps: [{ name: 'one', script: 'server.js' }] }\n",
      'server.js': "require('http').createServer().listen(39476, '127.0.0.1')\n",
      'sallyport.yaml': 'version: 1\nname: one\nservices:\n  one: { port: 39476 }\n  two: { port: 39477 }\n',
    })
    const { stderr, stdout } = spawnSync(process.execPath, [CLI, 'logs', '--folder', path], {
      encoding: 'utf8',
      env: { ...process.env, PM2_HOME: join(path, '.pm2') },
    })
    expect(stdout).toBe('')
    expect(stderr).toContain('note: one has no log that is known here: no PM2 of this user runs; sallyport up one starts it\n')
    expect(stderr).toMatch(/^note: two has no log that is known here: .+; .+$/m)
  })

  it('M11 · those that can be read are shown; that one could not is exit 3', () => {
    const { status, stdout, stderr } = withLogs(`if [ $service = two ]; then ${BROKEN}; fi; echo "it is up"`)()
    expect([status, stdout]).toEqual([3, 'one | it is up\n'])
    expect(stderr).toContain('the log of two could not be read')
  })

  it.each([
    ['to its end', []],
    ['followed', ['--follow']],
  ])('M11 · a service’s own stderr is log where the command ends well, in its place: %s', (_, more) => {
    const shell = 'echo first; sleep 0.2; echo second >&2; sleep 0.2; echo third; sleep 2'
    expect(withLogs(shell)('one', ...more)).toMatchObject({ status: 0, stdout: 'one | first\none | second\none | third\n' })
  })

  it('M11, M14 · logs --security gives no all-clear for what it could not read: exit 3', () => {
    const { status, stdout, stderr } = withLogs(BROKEN)('--security', '--lines', '0')
    expect([status, stdout]).toEqual([3, ''])
    for (const name of ['one', 'two'])
      expect(stderr).toContain(`the log of ${name} could not be read: docker failed with exit code 1 (Error`)
    expect(stderr).not.toContain('nobody was refused')
    expect(stderr).not.toContain('canary')
  })

  it('M11 · --dry-run tells which commands and files give the logs, and shows none, with --security neither', () => {
    const path = folder()
    mkdirSync(join(path, 'logs'))
    const line = { time: '2026-03-03T00:00:00.000Z', code: 'cross-site', status: 403, address: '192.0.2.1', method: 'GET', path: '/' }
    writeFileSync(join(path, 'logs/security.log'), `${JSON.stringify(line)}\n`)
    const dry = spawnSync(process.execPath, [CLI, 'logs', '--security', '--dry-run', '--folder', path], { encoding: 'utf8' })
    expect(dry.stdout).toContain(`read ${join(path, 'logs/security.log')}\n`)
    expect(dry.stdout + dry.stderr).not.toMatch(/cross-site|192\.0\.2\.1|nobody was refused/)

    const run = withLogs('echo "unauthorized: 192.0.2.9"')
    expect(run('--security').stdout).toContain('192.0.2.9')
    for (const more of [[], ['--security']]) {
      const { stdout } = run('--dry-run', ...more)
      expect(stdout).toMatch(/^docker compose .*logs.* one$/m)
      expect(stdout).not.toContain('192.0.2.9')
    }
  })

  it('M11, M14 · nor for a log that is no file, nor where the journal shows this user only a part', () => {
    const path = folder()
    mkdirSync(join(path, 'logs'))
    spawnSync('mkfifo', [join(path, 'logs/security.log')])
    const fifo = spawnSync(process.execPath, [CLI, 'logs', '--security', '--folder', path], { encoding: 'utf8' })
    expect(fifo).toMatchObject({ status: 3, stderr: expect.stringContaining('logs/security.log could not be read: no file') })
    expect(fifo.stderr).not.toContain('nobody was refused')

    const { run, path: unit } = withStandIn(ENDED, POLICY)
    writeFileSync(
      join(unit, 'journalctl'),
      '#!/bin/sh\necho "Hint: You are currently not seeing messages from other users and the system." >&2\n',
    )
    expect(run('logs', '--security')).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('the log of worker could not be read: journalctl did not show all of it (Hint: You are'),
    })
    expect(run('logs')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('worker | Hint: You are') })
  })

  it('M11 · health does not tell them as the last words of the service', () => {
    const { run, path } = withStandIn(ENDED, POLICY)
    writeFileSync(join(path, 'journalctl'), '#!/bin/sh\necho "it was here"\necho "Failed to open the journal" >&2\nexit 1\n')
    const { stdout } = run('health')
    expect(stdout).toContain('it was here')
    expect(stdout).not.toContain('Failed to open')
  })
})

describe('the commands of a deployment', () => {
  it('M11 · where nothing is run by a manager it says so: exit 2', () => {
    for (const command of ['build', 'up', 'down', 'health', 'logs']) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, command, '--folder', folder()], { encoding: 'utf8' })
      expect([command, status, stdout]).toEqual([command, 2, ''])
      expect(stderr).toContain('is run by PM2, compose or systemd')
    }
  })

  it('M11 · who was refused is told where nothing is deployed too: sshd’s, nginx’s and the guard’s logs need none', () => {
    const path = folder()
    const logs = (...more: readonly string[]) =>
      spawnSync(process.execPath, [CLI, 'logs', '--security', '--lines', '100000', '--folder', path, ...more], { encoding: 'utf8' })
    expect(logs()).toMatchObject({ status: 0, stderr: expect.stringContaining('no log of the guard’s (logs/security.log) was found') })
    mkdirSync(join(path, 'logs'))
    const line = { time: '2026-03-03T00:00:00.000Z', code: 'cross-site', status: 403, address: '192.0.2.1', method: 'GET', path: '/' }
    writeFileSync(join(path, 'logs/security.log'), `${JSON.stringify(line)}\n`)
    expect(logs()).toMatchObject({ status: 0, stdout: expect.stringMatching(/^2026-03-03T00:00:00Z {2}guard +192\.0\.2\.1 /m) })
    expect(logs('web')).toMatchObject({ status: 2, stderr: expect.stringContaining('the deployment has no service web') })
  })

  it('M11 · up ends with 1, as health does, while something is down that it does not start', () => {
    const path = folder({
      'sallyport.yaml': 'version: 1\nservices:\n  a: { port: 39472, run: { command: ./a } }\n  b: { port: 39473, run: { command: ./b } }\n',
    })
    for (const command of ['health', 'up']) {
      const { status, stdout } = spawnSync(process.execPath, [CLI, command, '--folder', path], { encoding: 'utf8' })
      expect({ command, status, stdout }).toEqual({ command, status: 1, stdout: expect.stringContaining('2 down') })
    }
  })

  it('M11 · what somebody else’s PM2 runs on the machine is no part of the deployment', async () => {
    // As PM2 marks what it starts (lib/God.js): its name and number in the environment.
    const other = spawn(process.execPath, ['-e', 'require("net").createServer().listen(0, "127.0.0.1", () => console.log("up"))'], {
      env: { ...process.env, name: 'strange-app', pm_id: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      await once(other.stdout, 'data')
      const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'up', '--dry-run', '--folder', folder()], { encoding: 'utf8' })
      expect([status, stdout]).toEqual([2, ''])
      expect(stderr).toContain('is run by PM2, compose or systemd')
    } finally {
      other.kill('SIGKILL')
    }
  })

  it('M11 · a service that there is not, and two that would both start one, are errors', () => {
    const compose = 'services:\n  app: { image: example/app:1, ports: ["127.0.0.1:39471:39471"] }\n'
    const path = folder({
      'docker-compose.yml': compose,
      'ecosystem.config.js': "module.exports = { apps: [{ name: 'app', script: 'app.js', env: { PORT: 39471 } }] }\n",
      'app.js': "require('express')().listen(process.env.PORT, '127.0.0.1')\n",
    })
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [CLI, ...args, '--folder', path], {
        encoding: 'utf8',
        env: { ...process.env, PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}` },
      })
    const declare = (by: string) =>
      writeFileSync(join(path, 'sallyport.yaml'), `version: 1\nname: x\nservices:\n  app: { port: 39471${by} }\n`)
    declare('')
    const both = run('up', '--dry-run')
    expect([both.status, both.stdout]).toEqual([2, ''])
    expect(both.stderr).toContain('app: both PM2 and compose would start it')
    expect(run('health').stdout).toContain('both PM2 and compose would start it')
    declare(', run: { pm2: app }')
    expect(run('up', '--dry-run').stdout).toMatch(/pm2 start ecosystem\.config\.js --only app\n$/)
    expect(run('health', 'ap').stderr).toMatch(/the deployment has no service ap\n {2}did you mean app\?/)
  })

  it('M11 · several compose files without a usual one have to be named', () => {
    const one = 'services:\n  app: { image: example/app:1 }\n'
    const path = folder({ 'docker-compose.prod.yml': one, 'docker-compose.dev.yml': one })
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'up', '--dry-run', '--folder', path], { encoding: 'utf8' })
    expect(status).toBe(2)
    expect(stderr).toMatch(/several compose files: docker-compose\.dev\.yml, docker-compose\.prod\.yml/)
  })
})
