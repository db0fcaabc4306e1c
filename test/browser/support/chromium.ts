import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'
import { describe, it } from 'vitest'

const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))

/**
 * `describe` for tests in a browser. Where none is installed they are skipped with the reason printed; with SALLYPORT_NO_SKIP=1 they fail
 * instead. Servers and browsers belong into `beforeAll`, which a skipped block does not run.
 */
export function describeBrowser(name: string, tests: () => void): void {
  if (PROGRAM !== undefined) {
    describe(name, tests)
    return
  }
  const reason = 'Chromium is not installed; `sudo npm run lab:setup` installs it'
  if (process.env['SALLYPORT_NO_SKIP'] === '1') {
    describe(name, () => {
      it('can be run here', () => {
        throw new Error(reason)
      })
    })
    return
  }
  process.stderr.write(`skipped: ${name}: ${reason}\n`)
  describe.skip(name, tests)
}

export interface BrowserOptions {
  /** `localhost:5173` → `127.0.0.1:40123`: where a name, with or without a port, really leads. */
  readonly names?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
}

/** Chromium without a window, with a profile of its own. */
export class Browser {
  readonly #profile: string
  readonly context: BrowserContext

  private constructor(profile: string, context: BrowserContext) {
    this.#profile = profile
    this.context = context
  }

  /** Every name that is not told leads nowhere: nothing leaves the machine, and nothing is asked of a name server. */
  static async open({ names = {}, flags = [] }: BrowserOptions = {}): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), 'sp-browser-'))
    const rules = [
      ...Object.entries(names).map(([name, address]) => `MAP ${name} ${address}`),
      'MAP localhost 127.0.0.1',
      'MAP 127.0.0.1 127.0.0.1',
      'MAP 0.0.0.0 0.0.0.0',
      'MAP *.example.com 127.0.0.1',
      'MAP * ~NOTFOUND',
    ]
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: PROGRAM ?? '',
      headless: true,
      env: { PATH: '/usr/bin:/bin', HOME: profile },
      args: [
        `--host-resolver-rules=${rules.join(', ')}`,
        '--no-proxy-server',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-domain-reliability',
        '--disable-sync',
        // Chromium has no sandbox for root, as whom the tests of a lab run.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        ...flags,
      ],
    })
    context.setDefaultTimeout(15_000)
    return new Browser(profile, context)
  }

  async close(): Promise<void> {
    await this.context.close()
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}
