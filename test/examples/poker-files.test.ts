import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { ReportData } from '../../packages/cli/src/report/data.ts'
import { Deployment } from './support/deployment.ts'
import { findings, placesOf, summary } from './support/findings.ts'
import { CLI, PATH } from './support/requirements.ts'

/** Not a package of Debian: where it is not installed, Sallyport's own reader stands for it in the tests beside. */
const PWSH = '/usr/bin/pwsh'
if (!existsSync(PWSH)) console.warn('left out: run.ps1 in PowerShell itself, which is not installed')

let app: Deployment | undefined
afterEach(() => {
  app?.remove()
  app = undefined
})

function copy(form: 'right' | 'wrong'): Deployment {
  app = Deployment.of(`poker/${form}`)
  return app
}

function check({ folder }: Deployment): ReportData {
  const command = [CLI, 'check', folder, '--scope', 'folder', '--format', 'json', '--fail-on', 'never']
  return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8', env: { PATH } })) as ReportData
}

describe('the files of examples/poker', () => {
  it('P1, P8, P9 · right: no finding, 100/100, and every way to start it is known', () => {
    const app = copy('right')
    const report = check(app)
    expect(summary(report)).toEqual([])
    expect(report.score.value).toBe(100)
    const starts = report.services
      .find(({ name }) => name === 'api')
      ?.afterStart.map((start) => `${start.exposure} ${start.port} ${start.place?.file}`)
    expect(starts).toEqual(['loopback 8000 run.ps1', 'loopback 8000 run.sh'])
  })

  it('P8, P9 · wrong: what binds, what overrides the host, what no guard stands before', () => {
    const app = copy('wrong')
    const report = check(app)
    expect(summary(report)).toEqual([
      'high host-overridden api',
      'high binds-every-interface live',
      'high binds-every-interface page',
      'medium origin-wildcard -',
      'medium guard-missing api',
      'low script-host-name -',
      'low common-port api',
    ])
    const named = (rule: string) => findings(report, rule).map(placesOf)
    expect(new Set(named('host-overridden').flat())).toEqual(
      new Set([
        app.place('package.json', 'API_HOST=0.0.0.0'),
        app.place('run.sh', 'API_HOST=0.0.0.0'),
        app.place('run.ps1', "$env:API_HOST = '0.0.0.0'"),
        app.place('src/server.js', 'config.host, () =>'),
      ]),
    )
    expect(named('binds-every-interface').map(([place]) => place)).toEqual([
      app.place('src/live.js', "host: '0.0.0.0'"),
      app.place('vite.config.js', 'host: true'),
    ])
    expect(named('guard-missing').flat()).toContain(app.place('src/server.js', '.listen('))
    expect(named('script-host-name')).toEqual([[app.place('run.ps1', "$Host = '0.0.0.0'")]])
  })

  it('P9 · neither the comment of wrong that names 0.0.0.0 nor its test that binds it is called a binding', () => {
    const app = copy('wrong')
    expect(app.read('src/config.js')).toContain('Never 0.0.0.0')
    expect(app.read('test/start.test.js')).toContain("listen(0, '0.0.0.0')")
    const places = check(app).findings.flatMap(placesOf)
    expect(places.filter((place) => /^(?:src\/config\.js|test\/)/.test(place))).toEqual([])
  })

  const protection = 'guard().protect(server)\n'

  it.each([
    ['with its import', 'guard, GuardError, listen', 'GuardError, listen'],
    ['and its import is left', 'guard, GuardError', 'guard, GuardError'],
  ])('P8 · the guard is taken out, %s: found, though its package is loaded still', (_, before, after) => {
    const app = copy('right')
    app.replace('src/server.js', protection, '')
    app.replace('src/server.js', before, after)
    expect(summary(check(app))).toEqual(['medium guard-missing api'])
  })

  it.each([
    ['run.sh', 'API_HOST:-127.0.0.1', 'API_HOST:-0.0.0.0'],
    ['run.ps1', "$ApiHost = '127.0.0.1'", "$ApiHost = '0.0.0.0'"],
    ['package.json', '"node src/server.js"', '"API_HOST=0.0.0.0 node src/server.js"'],
  ])('P8 · %s names a host that is exposed', (path, before, after) => {
    const app = copy('right')
    app.replace(path, before, after)
    expect(findings(check(app), 'host-overridden', 'api').flatMap(placesOf)).toContain(app.place(path, after))
  })

  it('P9 · the code falls back to a host that is exposed', () => {
    const app = copy('right')
    app.replace('src/config.js', "|| '127.0.0.1'", "|| '0.0.0.0'")
    expect(findings(check(app), 'binds-every-interface', 'api').flatMap(placesOf)).toContain(app.place('src/server.js', 'await listen('))
  })

  it.each([
    ['Procfile', 'api: API_HOST=0.0.0.0 node src/server.js\n', 'API_HOST=0.0.0.0'],
    ['start.ps1', "$env:API_HOST = '192.168.1.100'\nnode src/server.js\n", '192.168.1.100'],
    [
      'compose.yaml',
      "services:\n  api:\n    image: node:20\n    network_mode: host\n    working_dir: /app\n    volumes: ['.:/app']\n    command: sh -c 'API_HOST=0.0.0.0 node src/server.js'\n",
      'API_HOST=0.0.0.0',
    ],
  ])('P8 · a %s is added that overrides the host', (path, text, cause) => {
    const app = copy('right')
    app.write(path, text)
    expect(findings(check(app), 'host-overridden', 'api').flatMap(placesOf)).toContain(app.place(path, cause))
  })

  it('P8 · run.sh and run.ps1 refuse the same hosts in the same words', () => {
    const app = copy('right')
    const [shell, powershell] = ['run.sh', 'run.ps1'].map((path) => app.read(path))
    const words = (text: string | undefined) => /SECURITY ERROR: [^"]*/.exec(text ?? '')?.[0].replace(/\$\w+/, 'HOST')
    expect(words(shell)).toBe("SECURITY ERROR: Invalid host 'HOST'. Use 127.0.0.1, localhost or ::1.")
    expect(words(powershell)).toBe(words(shell))
    const allowed = (text: string | undefined, pattern: RegExp) => pattern.exec(text ?? '')?.[1]?.match(/[\w.:]+/g)
    expect(allowed(shell, /^ {2}(.+)\) ;;$/m)).toEqual(['127.0.0.1', 'localhost', '::1'])
    expect(allowed(powershell, /-notin @\((.+)\)\)/)).toEqual(['127.0.0.1', 'localhost', '::1'])
  })

  it('P8 · what run.ps1 is given goes into API_HOST, and its parameter is none of PowerShell’s own', () => {
    const app = copy('right')
    expect(app.read('run.ps1')).not.toMatch(/\[string\]\$Host\b/i)
    app.write('start.ps1', './run.ps1 -ApiHost 0.0.0.0\n')
    expect(findings(check(app), 'host-overridden', 'api').flatMap(placesOf)).toContain(app.place('start.ps1', '0.0.0.0'))
  })

  it.runIf(existsSync(PWSH))('P8 · run.ps1 refuses 0.0.0.0, in PowerShell itself', () => {
    const { status, stderr } = spawnSync(PWSH, ['-NoProfile', '-File', 'run.ps1', '-ApiHost', '0.0.0.0'], {
      cwd: copy('right').folder,
      encoding: 'utf8',
    })
    expect(stderr).toContain("SECURITY ERROR: Invalid host '0.0.0.0'")
    expect(status).toBe(1)
  })
})
