import { request } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Browser, describeBrowser } from './support/chromium.ts'
import { Site } from './support/site.ts'
import { SECRET, Target } from './support/target.ts'

/** In the page: what a fetch gives, as text; its failure as `failed`. */
const read = (tab: Page, url: string, options: object = {}): Promise<string> =>
  tab.evaluate(
    ([address, given]) =>
      fetch(address, given).then(
        (response) => response.text(),
        () => 'failed',
      ),
    [url, options] as const,
  )

/** In the page: the first message of a WebSocket; `closed` where it ends before. */
const listen = (tab: Page, url: string): Promise<string> =>
  tab.evaluate(
    (address) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(address)
        socket.onmessage = (message) => resolve(String(message.data))
        socket.onclose = () => resolve('closed')
      }),
    url,
  )

describeBrowser('the server by names that are not its own, in Chromium', () => {
  const open: { close(): Promise<void> }[] = []
  const opened = <T extends { close(): Promise<void> }>(one: T): T => {
    open.unshift(one)
    return one
  }
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close()
  })

  describe('DNS rebinding: rebind.example.com has two addresses, of which the first stops to answer', () => {
    /** The attacker serves a page on ::1; what listens on the same port of 127.0.0.1 is the victim. */
    async function rebound(guarded: boolean): Promise<{ tab: Page; target: Target; at: string }> {
      const target = opened(await Target.start({ guarded }))
      const site = await Site.start('::1', target.port)
      // Chromium knows two addresses for this name, in this order, and asks nobody.
      const browser = opened(await Browser.open({ names: { 'rebind.example.com': 'localhost' } }))
      const at = `rebind.example.com:${target.port}`
      site.lay('/', 'come in')
      const tab = await browser.context.newPage()
      expect((await tab.goto(`http://${at}/`))?.status()).toBe(200)
      expect(await tab.textContent('body')).toBe('come in')
      expect(target.reached).toEqual([])
      await site.close()
      return { tab, target, at }
    }

    it('P7 · without the guard the page reads everything, as if it were the server’s own', async () => {
      const { tab, target, at } = await rebound(false)
      expect(await read(tab, '/hands')).toBe(SECRET)
      expect(await read(tab, '/advice', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' })).toBe(SECRET)
      expect(await listen(tab, `ws://${at}/live`)).toBe(SECRET)
      expect(target.reached).toEqual(['GET /hands', 'POST /advice', 'WEBSOCKET /live'])
    })

    it('P7 · with it nothing is reached, and the log says by what name it was tried', async () => {
      const { tab, target, at } = await rebound(true)
      expect(await read(tab, '/hands')).toBe('Forbidden: Host is not allowed')
      expect(await read(tab, '/advice', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' })).toBe(
        'Forbidden: Host is not allowed',
      )
      expect(await listen(tab, `ws://${at}/live`)).toBe('closed')
      await tab.goto(`http://${at}/page`)
      await target.untilRefused('/page')
      expect(target.reached).toEqual([])
      expect(new Set(target.refused.map(({ code, host }) => `${code} ${host}`))).toEqual(new Set([`host-not-allowed ${at}`]))
      expect(target.refused.map(({ path }) => path)).toEqual(expect.arrayContaining(['/hands', '/advice', '/live', '/page']))
    })
  })

  describe('a page of another site', () => {
    let bare: Target
    let guarded: Target
    let site: Site
    let tab: Page
    let browser: Browser
    beforeAll(async () => {
      bare = await Target.start({ guarded: false })
      guarded = await Target.start({ guarded: true })
      site = await Site.start()
      browser = await Browser.open({ names: { 'zero.example.com': '0.0.0.0' } })
      tab = await browser.context.newPage()
    })
    afterAll(async () => {
      await browser?.close()
      for (const server of [bare, guarded, site]) await server?.close()
    })

    const attacker = async (path: string, page = '') => {
      await tab.goto(`http://attacker.example.com:${site.port}${site.lay(path, page)}`)
    }

    it('P7 · reads the answers of the server without the guard, and none of the one with it', async () => {
      await attacker('/reads')
      expect(await read(tab, `http://127.0.0.1:${bare.port}/reads`)).toBe(SECRET)
      expect(await listen(tab, `ws://127.0.0.1:${bare.port}/listens`)).toBe(SECRET)
      expect(await read(tab, `http://127.0.0.1:${guarded.port}/reads`)).toBe('failed')
      expect(await listen(tab, `ws://127.0.0.1:${guarded.port}/listens`)).toBe('closed')
      expect([guarded.reachedAt('/reads'), guarded.reachedAt('/listens')]).toEqual([[], []])
    })

    it.each(['0.0.0.0', 'zero.example.com'])('P7 · by the address 0.0.0.0, as %s', async (name) => {
      await attacker('/zero')
      const path = `/zero/${name}`
      expect(await read(tab, `http://${name}:${bare.port}${path}`)).toBe(SECRET)
      expect(await read(tab, `http://${name}:${guarded.port}${path}`)).toBe('failed')
      const [line] = await guarded.untilRefused(path)
      expect(line).toMatchObject({ code: 'host-not-allowed', host: `${name}:${guarded.port}` })
      expect(guarded.reachedAt(path)).toEqual([])
    })

    it('P7 · links to it: a person who follows a link comes in by GET, and the page behind it cannot look', async () => {
      for (const target of [bare, guarded]) {
        await attacker('/links', `<a href="http://127.0.0.1:${target.port}/linked">x</a>`)
        await tab.click('a')
        await target.untilReached('/linked')
        await tab.waitForURL(`http://127.0.0.1:${target.port}/linked`)
        expect(target.reachedAt('/linked')).toEqual(['GET /linked'])
      }
      expect(guarded.refusedAt('/linked')).toEqual([])
    })
  })

  describe('a page of the internet', () => {
    it('P7 · whose visitor lets it into the local network', async () => {
      const bare = opened(await Target.start({ guarded: false }))
      const guarded = opened(await Target.start({ guarded: true }))
      const site = opened(await Site.start())
      const origin = `http://attacker.example.com:${site.port}`
      const browser = opened(
        await Browser.open({
          flags: [`--ip-address-space-overrides=127.0.0.1:${site.port}=public`, `--unsafely-treat-insecure-origin-as-secure=${origin}`],
        }),
      )
      const tab = await browser.context.newPage()
      await tab.goto(`${origin}${site.lay('/', '')}`)
      expect(await read(tab, `http://127.0.0.1:${bare.port}/before`)).toBe('failed')
      expect(bare.reached).toEqual([])
      await browser.context.grantPermissions(['local-network-access'], { origin })
      expect(await read(tab, `http://127.0.0.1:${bare.port}/after`)).toBe(SECRET)
      expect(await read(tab, `http://127.0.0.1:${guarded.port}/after`)).toBe('failed')
      expect((await guarded.untilRefused('/after')).map(({ code }) => code)).toEqual(['origin-not-allowed'])
      expect(guarded.reached).toEqual([])
    })

    /** Chromium 98 to 141 asked so before a public page's request came to a private address (wicg.github.io/private-network-access, §3.1). */
    const preflight = (port: number, origin: string) =>
      new Promise<{ status: number | undefined; allowed: unknown }>((resolve, reject) => {
        const headers = { Origin: origin, 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Private-Network': 'true' }
        request({ host: '127.0.0.1', port, path: '/private', method: 'OPTIONS', headers, agent: false }, (response) => {
          response.resume()
          resolve({ status: response.statusCode, allowed: response.headers['access-control-allow-private-network'] })
        })
          .on('error', reject)
          .end()
      })

    it('P4, P7 · that asks for the local network, as browsers did before: refused, and not granted to an allowed page either', async () => {
      const guarded = opened(await Target.start({ guarded: true }))
      expect(await preflight(guarded.port, 'https://attacker.example.com')).toEqual({ status: 403, allowed: undefined })
      expect(await preflight(guarded.port, 'http://localhost:5173')).toEqual({ status: 204, allowed: undefined })
      expect(guarded.reached).toEqual([])
      expect((await guarded.untilRefused('/private')).map(({ code }) => code)).toEqual(['origin-not-allowed'])
    })
  })
})
