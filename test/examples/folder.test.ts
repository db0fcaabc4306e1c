import { execFileSync } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import type { ReportData } from '../../packages/cli/src/report/data.ts'
import { Deployment } from './support/deployment.ts'
import { SERVICES } from './support/engines.ts'
import { findings, placesOf, rulesOf, summary } from './support/findings.ts'
import { CLI, PATH } from './support/requirements.ts'
import { configure, type Environment, RIGHT, wrong } from './support/voice.ts'

let app: Deployment | undefined
afterEach(() => {
  app?.remove()
  app = undefined
})

function copy(...layers: readonly string[]): Deployment {
  app = Deployment.of(...layers)
  return app
}

/** `sallyport check --scope folder`: the files alone, with nothing started and nothing built. */
function check({ folder }: Deployment, ...options: readonly string[]): ReportData {
  const command = [CLI, 'check', folder, '--scope', 'folder', '--format', 'json', '--fail-on', 'never', ...options]
  return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8', env: { PATH } })) as ReportData
}

describe('the files of examples/engines', () => {
  it('E2 · wrong: the line of each of the ten that binds every interface', () => {
    const app = copy('engines/wrong')
    const report = check(app)
    const found = SERVICES.map(({ name }) => findings(report, 'binds-every-interface', name).map((finding) => placesOf(finding)[0]))
    expect(found).toEqual(SERVICES.map(({ source }) => [app.place(...source)]))
  })

  it('E3 · wrong: HOST in the ecosystem file, and no line that reads it', () => {
    const app = copy('engines/wrong')
    const report = check(app)
    const found = SERVICES.map(({ name }) => findings(report, 'host-not-read', name).map((finding) => placesOf(finding)))
    expect(found).toEqual(SERVICES.map(({ name, source }) => [[app.place('ecosystem.config.js', `name: '${name}'`), app.place(...source)]]))
  })

  it('E2, E3, E5 · right: no finding, 100/100', () => {
    const report = check(copy('engines/right'))
    expect(summary(report)).toEqual([])
    expect(report.score.value).toBe(100)
  })
})

describe('the files of examples/voice', () => {
  const ENVIRONMENTS = ['development', 'staging', 'production'] as const

  function checkVoice(environment: Environment, ...layers: readonly string[]) {
    const app = copy(RIGHT, ...layers)
    configure(app, environment)
    return { app, report: check(app, '--environment', environment) }
  }

  it.each(ENVIRONMENTS)('V2, V3, V4 · right, in %s: no finding, 100/100', (environment) => {
    const { report } = checkVoice(environment)
    expect(summary(report)).toEqual([])
    expect(report.score.value).toBe(100)
  })

  it('V2 · on 8000: 90/100', () => {
    const { report } = checkVoice('development', wrong('port-8000'))
    expect(summary(report)).toEqual(['low common-port voice'])
    expect(report.score.value).toBe(90)
  })

  it('V3 · a wildcard origin', () => {
    const { app, report } = checkVoice('development', wrong('wildcard-origin'))
    expect(rulesOf(report)).toEqual(new Set(['origin-wildcard']))
    expect(findings(report, 'origin-wildcard').flatMap(placesOf)).toContain(app.place('.env', 'CORS_ORIGINS=*'))
  })

  it('V3 · origins of an old port, and one of a foreign site', () => {
    const { app, report } = checkVoice('development', wrong('stale-origin'))
    expect(rulesOf(report)).toEqual(new Set(['origin-stale']))
    const setting = app.place('.env', 'CORS_ORIGINS=')
    const code = app.place('src/main.py', 'CORS_ORIGINS')
    const named = findings(report, 'origin-stale').map((finding) => `${/allows (\S+),/.exec(finding.message)?.[1]} ${placesOf(finding)[0]}`)
    expect(named.toSorted()).toEqual([
      `http://127.0.0.1:8000 ${code}`,
      `http://localhost:8000 ${setting}`,
      `http://localhost:8000 ${code}`,
      `https://voice.example.net ${setting}`,
    ])
  })

  it('V5 · a host name in the firewall script', () => {
    const { app, report } = checkVoice('development', wrong('host-name-in-firewall'))
    expect(summary(report)).toEqual(['medium firewall-host-name -'])
    expect(findings(report, 'firewall-host-name').map(placesOf)).toEqual([[app.place('scripts/firewall.sh', 'office.example.com')]])
  })

  it('V9 · --host 0.0.0.0 where nginx is in front', () => {
    const { app, report } = checkVoice('production', wrong('open-behind-proxy'))
    const place = app.place('scripts/start.sh', '--host 0.0.0.0')
    expect(report.findings.map((finding) => [finding.service, placesOf(finding)[0]])).toEqual([['voice', place]])
  })
})
