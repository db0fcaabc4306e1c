import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Output } from '../../lab/index.ts'
import { Deployment } from './support/deployment.ts'
import { PORTS, SERVICES } from './support/engines.ts'
import { summary } from './support/findings.ts'
import { describeExample, ROOT } from './support/requirements.ts'
import { Server } from './support/server.ts'

/** What `fix --format json` says, as far as it is looked at here. */
interface Fixed {
  readonly repairs: readonly {
    readonly findings: readonly { readonly rule: string; readonly service?: string }[]
    readonly files: readonly { readonly path: string }[]
  }[]
}

/** Of a program that the policy says nothing of. */
const STRANGER = 5555

await describeExample('examples/engines/tour.sh: check, fix, restart, check', () => {
  let app: Deployment
  let server: Server
  let before: readonly string[]
  let tour: Output
  let withMachine: Fixed

  beforeAll(async () => {
    app = Deployment.of('engines/wrong')
    app.build()
    server = await Server.start(app.beside)
    await server.serve(app.read('nginx/engines.conf'), 'engines.example.com')
    await server.pm2(app.folder, 'start', 'ecosystem.config.js')
    await server.untilListening(...PORTS)
    before = [...new Set((await server.doors(PORTS)).values())]
    withMachine = JSON.parse((await server.sallyport(app.folder, 'fix', '--scope', 'both', '--dry-run', '--format', 'json')).stdout)
    const stranger = await server.host.listen({ protocol: 'tcp', address: '0.0.0.0', port: STRANGER })
    tour = await runTour(app.folder)
    await stranger.close()
  })
  const runTour = (folder: string) =>
    server.run(['env', 'SITE=/etc/nginx/sites-enabled/example', 'sh', join(ROOT, 'examples/engines/tour.sh')], folder, 'any')
  afterAll(async () => {
    await server?.close()
    app?.remove()
  })

  it('E1 · before, others reach them', () => {
    expect(before).toContain('delivered')
  })

  it('E1, E2 · with the machine looked at as well, what is open now is traced to the source of what opens it', () => {
    const cured = withMachine.repairs.flatMap(({ findings }) => findings).filter(({ rule }) => rule === 'private-reachable')
    expect(cured.map(({ service = '' }) => service).toSorted()).toEqual(SERVICES.map(({ name }) => name).toSorted())
    const files = new Set(withMachine.repairs.flatMap((repair) => repair.files.map(({ path }) => path)))
    expect([...files].toSorted()).toEqual([...SERVICES.map(({ source }) => source[0]), 'nginx/engines.conf'].toSorted())
  })

  it('E2, E3, E5 · the script ends well, whatever else listens on the machine; without that it is 100/100', async () => {
    expect(tour.stderr).toContain('sallyport undo takes it back')
    expect({ code: tour.code, end: tour.stdout.slice(-200), error: tour.code === 0 ? '' : tour.stderr }).toMatchObject({ code: 0 })
    const end = tour.stdout.slice(tour.stdout.lastIndexOf('Findings'))
    expect(end).toContain('undeclared-listener')
    expect(end.match(/^ {2}[A-Z]+ /gm)).toHaveLength(1)
    expect(end).toContain('Of the services that sallyport.yaml declares nothing is found any more.')
    const { report, exit } = await server.check(app.folder)
    expect({ findings: summary(report), score: report.score.value, exit }).toEqual({ findings: [], score: 100, exit: 0 })
  })

  it('C6 · where something is missing that it needs, it says what, and changes nothing', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'sp-tour-'))
    try {
      expect(await runTour(copy)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^tour.sh needs to be called in a copy of wrong/) as unknown,
      })
      cpSync(join(ROOT, 'examples/engines/wrong'), copy, { recursive: true })
      expect(await runTour(copy)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: 'tour.sh needs esbuild: npm install, in this folder\nNothing was changed.\n',
      })
      expect(existsSync(join(copy, '.sallyport'))).toBe(false)
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  })

  it('E2 · the code has the words that its owners look for, and runs with them', async () => {
    for (const { name, source } of SERVICES.filter((service) => service.name !== 'speech-service')) {
      const text = app.read(source[0])
      expect(text, name).toContain("const HOST = process.env.HOST || '127.0.0.1'\n")
      expect(text, name).toContain('app.listen(PORT, HOST, ')
      expect(text, name).toMatch(/running on http:\/\/\$\{HOST\}:\$\{PORT\}/)
    }
    const python = app.read('speech-service/main.py')
    for (const line of ['import os\n', 'host = os.getenv("HOST", "127.0.0.1")\n', 'port = int(os.getenv("PORT", 8000))\n'])
      expect(python).toContain(line)
    const { stdout } = await server.pm2(app.folder, 'logs', '--nostream', '--lines', '100')
    for (const { port, name } of SERVICES.filter((service) => service.name !== 'speech-service'))
      expect(stdout, name).toContain(`unning on http://127.0.0.1:${port}`)
  })

  it('E6 · from other hosts every one of the ten ports refuses, and nginx answers', async () => {
    const doors = await server.doors(PORTS)
    expect(doors.size).toBe(30)
    expect([...new Set(doors.values())]).toEqual(['refused'])
    expect([...new Set((await server.doors([80, 443])).values())]).toEqual(['delivered'])
  })

  it('E5 · through nginx a neighbour reaches each of the ten', async () => {
    const host = ['--header', 'Host: engines.example.com']
    for (const { route } of SERVICES) expect(await server.status(`https://192.168.1.100${route}health`, ...host), route).toBe(200)
  })

  it('E8 · HOST still says another host', async () => {
    const [engine] = SERVICES
    const other = await server.spawn(
      ['env', 'HOST=192.168.1.100', 'PORT=7999', process.execPath, 'billing-engine/dist/index.js'],
      app.folder,
    )
    await server.untilListening(7999)
    const doors = await server.doors([7999])
    await other.stop()
    expect(engine?.port).toBe(7001)
    expect(doors.get('lan 192.168.1.100 7999')).toBe('delivered')
    expect(doors.get('internet 192.0.2.10 7999')).toBe('refused')
  })

  it('C6 · undo takes every file back as it was', async () => {
    const fixed = app.read('video-service/server.js')
    const { code } = await server.sallyport(app.folder, 'undo', '--yes')
    expect(code).toBe(0)
    const wrong = Deployment.of('engines/wrong')
    for (const { source } of SERVICES) expect(app.read(source[0])).toBe(wrong.read(source[0]))
    expect(app.read('nginx/engines.conf')).toBe(wrong.read('nginx/engines.conf'))
    wrong.remove()
    expect(app.read('video-service/server.js')).not.toBe(fixed)
  })
})
