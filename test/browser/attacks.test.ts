import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ATTACKS } from './support/attacks.ts'
import { Browser, describeBrowser } from './support/chromium.ts'
import { leave } from './support/leave.ts'
import { Site } from './support/site.ts'
import { Target } from './support/target.ts'

describeBrowser('pages of other sites, in Chromium', () => {
  let bare: Target
  let guarded: Target
  let site: Site
  let browser: Browser
  let tabs: { readonly bare: Page; readonly guarded: Page }
  beforeAll(async () => {
    bare = await Target.start({ guarded: false })
    guarded = await Target.start({ guarded: true })
    site = await Site.start()
    browser = await Browser.open()
    tabs = { bare: await browser.context.newPage(), guarded: await browser.context.newPage() }
  })
  afterAll(async () => {
    await browser?.close()
    for (const server of [bare, guarded, site]) await server?.close()
  })

  let visits = 0

  /** Opens the attacker's page at one name, which goes for a server by another. Gives the path that it goes for. */
  async function visit(tab: Page, page: string, at: string, target: string): Promise<string> {
    const path = `/attack-${++visits}`
    site.lay(path, page.replaceAll('TARGET', target).replaceAll('PATH', path))
    await leave(tab)
    await tab.goto(`http://${at}:${site.port}${path}`, { waitUntil: 'commit' })
    return path
  }

  const VARIANTS = [
    { from: 'attacker.example.com', to: '127.0.0.1', what: 'a page of another site' },
    { from: 'localhost', to: 'localhost', what: 'a page of another port of this machine' },
  ] as const

  describe.each(VARIANTS)('$what', ({ from, to }) => {
    it.each(ATTACKS)('P7 · $name: reaches the server without the guard, not the one with it', async ({ page, reaches, code }) => {
      const open = async () => {
        const path = await visit(tabs.bare, page, from, `${to}:${bare.port}`)
        await expect.poll(() => bare.reachedAt(path), { timeout: 8000 }).toEqual(reaches.map((method) => `${method} ${path}`))
      }
      const shut = async () => {
        const path = await visit(tabs.guarded, page, from, `${to}:${guarded.port}`)
        const refused = await guarded.untilRefused(path)
        expect(new Set(refused.map((line) => line.code))).toEqual(new Set([code]))
        expect(guarded.reachedAt(path)).toEqual([])
      }
      await Promise.all([open(), shut()])
    })
  })
})
