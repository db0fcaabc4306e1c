import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'

/** Leaves a page. A form that the page before has sent may still be on its way to its answer, and then comes between. */
export async function leave(tab: Page): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await tab.goto('about:blank')
      return
    } catch (error) {
      if (tries === 20) throw error
      await delay(50)
    }
  }
}
