import { describe, expect, test } from 'vitest'
import { bindsIn, casesOf, fixed, isExposed, isWhole, readsVariable, update } from './fix-source/corpus.ts'

if (process.env['SALLYPORT_UPDATE_GOLDEN'] === '1') await update()

const CASES = casesOf()
/** What an editor says where the environment has no say, before as after. */
const NOT_READ = /is not read for this host/
/** Configuration of development servers: their command lines say another host. */
const SETTINGS = /^(?:vite|webpack|nuxt)-configuration$/

describe('what binds every address, before and after', () => {
  test('E2 · are more than a hundred programs in three languages', () => {
    expect(CASES.length).toBeGreaterThan(100)
  })

  test.each(CASES.map((one) => [[...one.proves, one.name].join(' · '), one] as const))(
    '%s',
    async (_, { name, before, after, refused }) => {
      const result = await fixed(before)
      expect([...result.files]).toEqual([...after])
      expect(result.refused.join('\n')).toBe(refused ?? '')
      expect([...before, ...result.files].filter(([path, text]) => !isWhole(path, text)).map(([path]) => path)).toEqual([])
      const binds = await bindsIn(result.files)
      if (refused !== undefined) return
      // The reader that found it says that it is cured, and that HOST has a say.
      expect(
        binds
          .filter(({ claim }) => isExposed(claim))
          .map(({ origin, claim }) => `${origin.path}:${origin.span.start.line} ${claim.framework}`),
      ).toEqual([])
      if (SETTINGS.test(name) || result.notes.some((note) => NOT_READ.test(note))) return
      expect(binds.filter(({ claim }) => !mayChange(claim.host)).map(({ claim }) => claim.framework)).toEqual([])
    },
  )
})

/** HOST, a variable of the program's own, or its command line. */
const mayChange = (host: Parameters<typeof readsVariable>[0]): boolean =>
  readsVariable(host, 'HOST') || host.kind === 'argument' || host.kind === 'environment'
