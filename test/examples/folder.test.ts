import { execFileSync } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import type { ReportData } from '../../packages/cli/src/report/data.ts'
import { Deployment } from './support/deployment.ts'
import { SERVICES } from './support/engines.ts'
import { findings, placesOf, rulesOf, summary } from './support/findings.ts'
import { CLI, PATH } from './support/requirements.ts'
import { RIGHT, wrong } from './support/voice.ts'

let app: Deployment | undefined
afterEach(() => {
  app?.remove()
  app = undefined
})

/** `sallyport check --scope folder`: the files alone, with nothing started and nothing built. */
function check(layers: readonly string[], ...options: readonly string[]): { readonly app: Deployment; readonly report: ReportData } {
  app = Deployment.of(...layers)
  const command = [CLI, 'check', app.folder, '--scope', 'folder', '--format', 'json', '--fail-on', 'never', ...options]
  const report = JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8', env: { PATH } })) as ReportData
  return { app, report }
}

describe('the files of examples/engines', () => {
  it('E2 · wrong: the line of each of the ten that binds every interface', () => {
    const { app, report } = check(['engines/wrong'])
    const found = SERVICES.map(({ name }) => findings(report, 'binds-every-interface', name).map((finding) => placesOf(finding)[0]))
    expect(found).toEqual(SERVICES.map(({ source }) => [app.place(...source)]))
  })

  it('E3 · wrong: HOST in the ecosystem file, and no line that reads it', () => {
    const { app, report } = check(['engines/wrong'])
    const found = SERVICES.map(({ name }) => findings(report, 'host-not-read', name).map((finding) => placesOf(finding)))
    expect(found).toEqual(SERVICES.map(({ name, source }) => [[app.place('ecosystem.config.js', `name: '${name}'`), app.place(...source)]]))
  })

  it('E2, E3, E5 · right: no finding, 100/100', () => {
    const { report } = check(['engines/right'])
    expect(summary(report)).toEqual([])
    expect(report.score.value).toBe(100)
  })
})

describe('the files of examples/voice', () => {
  const development = (...layers: readonly string[]) => check([RIGHT, ...layers], '--environment', 'development')

  it.each(['development', 'staging', 'production'])('V2, V3, V4 · right, in %s: no finding, 100/100', (environment) => {
    const { report } = check([RIGHT], '--environment', environment)
    expect(summary(report)).toEqual([])
    expect(report.score.value).toBe(100)
  })

  it('V2 · on 8000: 90/100', () => {
    const { report } = development(wrong('port-8000'))
    expect(summary(report)).toEqual(['low common-port voice'])
    expect(report.score.value).toBe(90)
  })

  it('V3 · a wildcard origin', () => {
    const { app, report } = development(wrong('wildcard-origin'))
    expect(rulesOf(report)).toEqual(new Set(['origin-wildcard']))
    expect(findings(report, 'origin-wildcard').flatMap(placesOf)).toContain(app.place('.env.example', 'CORS_ORIGINS=*'))
  })

  it('V3 · an origin of an old port, and one of a foreign site', () => {
    const { app, report } = development(wrong('stale-origin'))
    expect(rulesOf(report)).toEqual(new Set(['origin-stale']))
    expect(findings(report, 'origin-stale').map((finding) => [/allows (\S+?),/.exec(finding.message)?.[1], ...placesOf(finding)])).toEqual([
      ['http://localhost:8000', app.place('.env.example', 'CORS_ORIGINS=')],
      ['https://voice.example.net', app.place('.env.example', 'CORS_ORIGINS=')],
      ['http://localhost:8000', app.place('src/main.py', 'CORS_ORIGINS')],
      ['http://127.0.0.1:8000', app.place('src/main.py', 'CORS_ORIGINS')],
    ])
  })

  it('V5 · a host name in the firewall script', () => {
    const { app, report } = development(wrong('host-name-in-firewall'))
    expect(summary(report)).toEqual(['medium firewall-host-name -'])
    expect(findings(report, 'firewall-host-name').map(placesOf)).toEqual([[app.place('scripts/firewall.sh', 'office.example.com')]])
  })

  it('V9 · --host 0.0.0.0 where nginx is in front', () => {
    const { app, report } = check([RIGHT, wrong('open-behind-proxy')], '--environment', 'production')
    const place = app.place('scripts/start.sh', '--host 0.0.0.0')
    expect(report.findings.map((finding) => [finding.service, placesOf(finding)[0]])).toEqual([['voice', place]])
  })
})
