import { afterAll, beforeAll, expect, it } from 'vitest'
import { Deployment } from './support/deployment.ts'
import { findings, placesOf } from './support/findings.ts'
import { describeExample } from './support/requirements.ts'
import { Server } from './support/server.ts'

interface Override {
  readonly by: string
  readonly service: string
  readonly port: number
  /** Written into the right form. */
  readonly files: Readonly<Record<string, string>>
  readonly start: readonly string[]
  /** The line that overrides the host. */
  readonly cause: readonly [path: string, text: string]
}

const billing = { service: 'billing-engine', port: 7001 }
const SHELL = '#!/bin/sh\ncd "$(dirname "$0")"\n'

const OVERRIDES: readonly Override[] = [
  {
    ...billing,
    by: 'a shell script that sets HOST for one command',
    files: { 'billing-engine/start.sh': `${SHELL}HOST=0.0.0.0 exec node dist/index.js\n` },
    start: ['sh', 'billing-engine/start.sh'],
    cause: ['billing-engine/start.sh', 'HOST=0.0.0.0'],
  },
  {
    ...billing,
    by: 'a shell script that exports HOST',
    files: { 'billing-engine/start.sh': `${SHELL}export HOST=0.0.0.0\nexec node dist/index.js\n` },
    start: ['sh', 'billing-engine/start.sh'],
    cause: ['billing-engine/start.sh', 'HOST=0.0.0.0'],
  },
  {
    ...billing,
    by: 'an npm script',
    files: { 'billing-engine/package.json': '{\n  "scripts": {\n    "start": "HOST=0.0.0.0 node dist/index.js"\n  }\n}\n' },
    start: ['npm', '--prefix', 'billing-engine', 'start'],
    cause: ['billing-engine/package.json', 'HOST=0.0.0.0'],
  },
  {
    ...billing,
    by: 'a .env file',
    files: {
      'billing-engine/.env': 'NODE_ENV=production\nHOST=0.0.0.0\n',
      'billing-engine/start.sh': `${SHELL}exec node --env-file=.env dist/index.js\n`,
    },
    start: ['sh', 'billing-engine/start.sh'],
    cause: ['billing-engine/.env', 'HOST=0.0.0.0'],
  },
  {
    service: 'speech-service',
    port: 8000,
    by: 'an argument of uvicorn',
    files: { 'speech-service/start.sh': `${SHELL}exec python3 -m uvicorn main:app --host 0.0.0.0 --port 8000\n` },
    start: ['sh', 'speech-service/start.sh'],
    cause: ['speech-service/start.sh', '--host 0.0.0.0'],
  },
]

await describeExample('examples/engines, put right and started with another host', () => {
  let app: Deployment
  let server: Server
  beforeAll(async () => {
    app = Deployment.of('engines/right')
    server = await Server.start(app.beside)
  })
  afterAll(async () => {
    await server?.close()
    app?.remove()
  })

  const named = async (rule: string, service: string, folder: string) =>
    findings((await server.check(folder)).report, rule, service).map((finding) => ({
      places: placesOf(finding).slice(0, 1),
      facts: finding.facts.join('\n'),
    }))

  it.each(OVERRIDES)('E8 · by $by: found before it is started, and when it runs', async ({ service, port, files, start, cause }) => {
    const changed = Deployment.of('engines/right')
    try {
      for (const [path, text] of Object.entries(files)) changed.write(path, text)
      changed.build()
      const place = changed.place(...cause)
      expect(await named('host-overridden', service, changed.folder)).toEqual([{ places: [place], facts: expect.any(String) }])
      const running = await server.spawn(start, changed.folder)
      await server.untilListening(port)
      const live = await named('private-reachable', service, changed.folder)
      const { stdout } = await server.run(['ss', '-Htlnp', `sport = :${port}`], '/')
      const pid = /pid=(\d+)/.exec(stdout)?.[1]
      await server.run(['kill', String(pid)], '/')
      await running.stop()
      await server.untilClosed(port)
      expect(live).toEqual([{ places: [place], facts: expect.stringContaining(`pid ${pid},`) }])
    } finally {
      changed.remove()
    }
  })

  it('E8 · by PM2: found as what a restart opens, and when it runs', async () => {
    app.build()
    await server.pm2(app.folder, 'start', 'ecosystem.config.js', '--only', 'billing-engine')
    await server.untilListening(7001)
    const line = "name: 'billing-engine'"
    app.replace('ecosystem.config.js', `HOST: '127.0.0.1', PORT: 7001`, `HOST: '0.0.0.0', PORT: 7001`)
    const place = app.place('ecosystem.config.js', line)
    expect(await named('opens-on-restart', 'billing-engine', app.folder)).toEqual([{ places: [place], facts: expect.any(String) }])
    await server.pm2(app.folder, 'delete', 'billing-engine')
    await server.pm2(app.folder, 'start', 'ecosystem.config.js', '--only', 'billing-engine')
    await server.untilListening(7001)
    const pid = (await server.pids()).get('billing-engine')
    expect(await named('private-reachable', 'billing-engine', app.folder)).toEqual([
      { places: [place], facts: expect.stringContaining(`pid ${pid},`) },
    ])
  })
})
