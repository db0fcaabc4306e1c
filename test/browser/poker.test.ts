import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { Deployment } from '../examples/support/deployment.ts'
import { FROM_SOURCE, type Line } from '../examples/support/poker.ts'
import { ROOT } from '../examples/support/requirements.ts'
import { Browser, describeBrowser } from './support/chromium.ts'
import { Site } from './support/site.ts'
import { until } from './support/until.ts'

/** React is installed beside the servers that the guard is tried with. */
const PACKAGES = join(ROOT, 'packages/guard/test/servers/node_modules')

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describeBrowser('examples/poker, in Chromium', () => {
  const running: ChildProcess[] = []
  let app: Deployment
  let browser: Browser
  let site: Site
  let port: number
  let tab: Page

  async function start(argv: readonly string[], variables: Readonly<Record<string, string>>, ready: RegExp): Promise<void> {
    const [program = '', ...args] = argv
    const child = spawn(program, args, { cwd: app.folder, env: { PATH: process.env['PATH'], HOME: app.beside, ...variables } })
    running.push(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    await until(`${argv.join(' ')} never said ${ready.source}`, () => (ready.test(output) ? [output] : []))
  }

  beforeAll(async () => {
    app = Deployment.of('poker/right')
    mkdirSync(join(app.folder, 'node_modules'))
    for (const name of ['react', 'react-dom', 'scheduler']) symlinkSync(join(PACKAGES, name), join(app.folder, 'node_modules', name))
    port = await freePort()
    const vite = await freePort()
    await start(['sh', 'run.sh'], { API_PORT: String(port), NODE_OPTIONS: FROM_SOURCE }, /API running on/)
    await start(
      [process.execPath, join(ROOT, 'node_modules/vite/bin/vite.js'), '--port', String(vite)],
      { VITE_API_URL: `http://127.0.0.1:${port}`, NO_COLOR: '1' },
      /Local:/,
    )
    site = await Site.start()
    // The browser believes to be at Vite's own port, wherever Vite got one.
    browser = await Browser.open({ names: { 'localhost:5173': `127.0.0.1:${vite}` } })
    tab = await browser.context.newPage()
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    for (const child of running) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill()
      await once(child, 'exit')
    }
    app?.remove()
  })

  const refused = (): readonly Line[] => {
    try {
      const lines = app.read('logs/security.log').split('\n').slice(0, -1)
      return lines.map((line) => JSON.parse(line) as Line)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  const hands = async () => (await fetch(`http://127.0.0.1:${port}/api/hands`)).json() as Promise<readonly unknown[]>

  it('P4, P7 · its page on Vite’s port asks by JSON with a preflight, and hears by WebSocket', async () => {
    const methods: string[] = []
    browser.context.on('request', (request) => {
      if (request.url().endsWith('/api/advice')) methods.push(request.method())
    })
    // Vite finds at the first load what it has to bundle; a page that does not listen to it yet misses that it has to load again.
    await vi.waitFor(
      async () => {
        await tab.goto('http://localhost:5173/')
        await tab.getByText('live', { exact: true }).waitFor({ timeout: 5000 })
      },
      { timeout: 60_000, interval: 100 },
    )
    await tab.getByRole('button', { name: 'Ask' }).click()
    // It comes by the WebSocket alone: what the request answers is not shown.
    const shown = await tab.getByRole('listitem').textContent()
    expect(shown).toMatch(/^As Kd \/ no board: (?:raise|call|fold) \(\d+ %\)$/)
    await tab.getByLabel('Your cards').fill('As As')
    await tab.getByRole('button', { name: 'Ask' }).click()
    expect(await tab.getByRole('alert').textContent()).toContain('two cards')
    expect(methods).toContain('POST')
    expect(await hands()).toHaveLength(1)
    expect(refused()).toEqual([])
  })

  it('P6, P7 · meanwhile a page of another site gets nothing, and every try is in logs/security.log', async () => {
    const other = await browser.context.newPage()
    await other.goto(`http://attacker.example.com:${site.port}${site.lay('/', '')}`)
    const got = await other.evaluate(async (api) => {
      const failed = () => 'failed'
      const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"hole":"2c 7d"}' }
      const listens = new Promise((resolve) => {
        const socket = new WebSocket(`ws://${api}/live`)
        socket.onmessage = ({ data }) => resolve(data)
        socket.onclose = () => resolve('closed')
      })
      return {
        reads: await fetch(`http://${api}/api/hands`).then((response) => response.text(), failed),
        asks: await fetch(`http://${api}/api/advice`, json).then((response) => response.text(), failed),
        sends: await fetch(`http://${api}/api/advice`, { method: 'POST', mode: 'no-cors', body: json.body }).then(
          ({ type }) => type,
          failed,
        ),
        listens: await listens,
      }
    }, `127.0.0.1:${port}`)
    expect(got).toEqual({ reads: 'failed', asks: 'failed', sends: 'failed', listens: 'closed' })
    expect(await hands()).toHaveLength(1)
    const lines = await until('four refusals were never logged', () => (refused().length >= 4 ? refused() : []))
    expect(lines.map(({ path }) => path).toSorted()).toEqual(['/api/advice', '/api/advice', '/api/hands', '/live'])
    const origin = `http://attacker.example.com:${site.port}`
    for (const line of lines) expect(line).toMatchObject({ code: 'origin-not-allowed', address: '127.0.0.1', origin })
  })
})
