import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ATTACKS } from './support/attacks.ts'
import { Browser, describeBrowser } from './support/chromium.ts'
import { leave } from './support/leave.ts'
import { Site } from './support/site.ts'
import { SECRET, Target } from './support/target.ts'

const ORIGINS = ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://localhost:5173', 'http://127.0.0.1:5173']

/** These say nothing of where they come from, or that they come from nowhere: an allowed page's are refused as everybody's are. */
const NAMELESS = new Set([
  'fetch that leaves out where it comes from',
  'fetch from a frame without an origin',
  'fetch from a data: frame',
  'WebSocket from a frame without an origin',
  'form that leaves out where it comes from',
])

describeBrowser('pages of allowed origins, in Chromium', () => {
  let guarded: Target
  let site: Site
  let browser: Browser
  let tab: Page
  beforeAll(async () => {
    guarded = await Target.start({ guarded: true })
    site = await Site.start()
    const here = `127.0.0.1:${site.port}`
    browser = await Browser.open({ names: Object.fromEntries(ORIGINS.map((origin) => [new URL(origin).host, here])) })
    tab = await browser.context.newPage()
  })
  afterAll(async () => {
    await browser?.close()
    for (const server of [guarded, site]) await server?.close()
  })

  let visits = 0

  it.each(ORIGINS)('P4, P7 · %s reads, sends JSON, listens, and shows pictures', async (origin) => {
    await tab.goto(`${origin}${site.lay('/', '')}`)
    const got = await tab.evaluate(async (api) => {
      const ask = (options: RequestInit) => fetch(`http://${api}/asked`, options).then((response) => response.text())
      const first = <T>(begin: (resolve: (value: T) => void) => void) => new Promise<T>(begin)
      return {
        reads: await ask({}),
        posts: await ask({ method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Client': 'page' }, body: '{}' }),
        deletes: await ask({ method: 'DELETE' }),
        socket: await first((resolve) => {
          const socket = new WebSocket(`ws://${api}/listens`)
          socket.onmessage = ({ data }) => resolve(data)
          socket.onclose = () => resolve('closed')
        }),
      }
    }, `127.0.0.1:${guarded.port}`)
    expect(got).toEqual({ reads: SECRET, posts: SECRET, deletes: SECRET, socket: SECRET })
    const shown = `http://127.0.0.1:${guarded.port}`
    await tab.goto(`${origin}${site.lay('/shows', `<img src="${shown}/a.svg"><script src="${shown}/a.js"></script>`)}`, {
      waitUntil: 'load',
    })
    expect(await tab.evaluate('document.images[0].naturalWidth')).toBe(7)
    expect(await tab.title()).toBe('loaded')
    expect(guarded.refused).toEqual([])
  })

  it.each(ATTACKS.filter(({ name }) => !NAMELESS.has(name)))(
    'P4, P7 · $name: what others may not send, an allowed page may',
    async ({ page, reaches }) => {
      const path = `/allowed-${++visits}`
      const html = page.replaceAll('TARGET', `127.0.0.1:${guarded.port}`).replaceAll('PATH', path)
      await leave(tab)
      await tab.goto(`http://localhost:5173${site.lay(path, html)}`, { waitUntil: 'commit' })
      // The guard answers preflights itself.
      const expected = reaches.filter((method) => method !== 'OPTIONS').map((method) => `${method} ${path}`)
      await expect.poll(() => guarded.reachedAt(path), { timeout: 8000 }).toEqual(expected)
      expect(guarded.refusedAt(path)).toEqual([])
    },
  )

  it.each(ATTACKS.filter(({ name }) => NAMELESS.has(name)))(
    'P4, P7 · $name: refused, for nobody knows whose it is',
    async ({ page, code }) => {
      const path = `/nameless-${++visits}`
      const html = page.replaceAll('TARGET', `127.0.0.1:${guarded.port}`).replaceAll('PATH', path)
      await leave(tab)
      await tab.goto(`http://localhost:5173${site.lay(path, html)}`, { waitUntil: 'commit' })
      expect((await guarded.untilRefused(path)).map((line) => line.code)).toEqual([code])
      expect(guarded.reachedAt(path)).toEqual([])
    },
  )

  it('P7 · a picture that an allowed page got is not had from the cache by another port’s page', async () => {
    const picture = `http://127.0.0.1:${guarded.port}/cached.svg`
    await leave(tab)
    await tab.goto(`http://localhost:5173${site.lay('/first', `<img src="${picture}">`)}`, { waitUntil: 'load' })
    expect(await tab.evaluate('document.images[0].naturalWidth')).toBe(7)
    await tab.goto(`http://localhost:${site.port}${site.lay('/second', `<img src="${picture}">`)}`, { waitUntil: 'load' })
    expect(await tab.evaluate('document.images[0].naturalWidth')).toBe(0)
    expect((await guarded.untilRefused('/cached.svg')).map(({ code }) => code)).toEqual(['cross-site'])
  })
})
