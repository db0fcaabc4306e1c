import { describe, it } from 'vitest'
import { requirements } from './requirements.ts'

/**
 * `describe` for tests that need the lab. Where it cannot be built they are skipped with the reason printed; with SALLYPORT_NO_SKIP=1
 * they fail instead. Setting a lab up belongs into `beforeAll`, which a skipped block does not run.
 */
export async function describeLab(name: string, tests: () => void): Promise<void> {
  const state = await requirements()
  if (state.ok) {
    describe(name, tests)
    return
  }
  const reason = `the lab needs ${state.missing.join(', ')}; \`sudo npm run lab:setup\` installs its packages`
  if (process.env['SALLYPORT_NO_SKIP'] === '1') {
    describe(name, () => {
      it('can be built here', () => {
        throw new Error(reason)
      })
    })
    return
  }
  process.stderr.write(`skipped: ${name}: ${reason}\n`)
  describe.skip(name, tests)
}
