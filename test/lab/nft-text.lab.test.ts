import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { NftRules } from '../../lab/agreement/nft.ts'
import { Random } from '../../lab/agreement/random.ts'
import { meaning } from '../../packages/core/test/netfilter/meaning.ts'
import { Text } from '../../packages/core/src/evidence/text.ts'
import { readNftJson, readNftText } from '../../packages/core/src/systems/netfilter/index.ts'
import { loadNft, whyNot } from './nft.ts'

const reason = whyNot()
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`nft has to be tried, and cannot: ${reason}`)
if (reason !== undefined) console.warn(`skipped, nothing is compared with nft: ${reason}`)

/** Rulesets as people write them, one a file; `nft` has to take each. */
const WRITTEN = new URL('nft-text/', import.meta.url)
/** Those of the package's documentation that name no device which is not there, and work on a kernel without more modules. */
const PACKAGED = '/usr/share/doc/nftables/examples'
const RANDOM = Number(process.env['SALLYPORT_NFT_TEXTS'] ?? 150)

/** Both readings of what is loaded: of the file, and of what the kernel gives back as text. */
function expectAgreement(text: string): 'refused' | 'compared' {
  const loaded = loadNft(text)
  if (loaded.kind === 'refused') return 'refused'
  const seen = meaning(readNftJson(loaded.json).ruleset)
  const file = readNftText(new Text('ruleset.nft', text))
  expect(file.gaps.map(({ gap }) => gap.what)).toEqual([])
  expect(meaning(file.ruleset)).toEqual(seen)
  // Ports of several protocols nft 1.0.6 prints in a way that it does not read itself.
  if (loaded.text.includes('[invalid type]')) return 'compared'
  const printed = readNftText(new Text('printed.nft', loaded.text))
  expect(printed.gaps.map(({ gap }) => gap.what)).toEqual([])
  expect(meaning(printed.ruleset)).toEqual(seen)
  return 'compared'
}

describe.skipIf(reason !== undefined)('what is read of nft’s own language is what nft loads', () => {
  it.each(readdirSync(WRITTEN))('%s', (name) => {
    const text = readFileSync(new URL(name, WRITTEN), 'utf8')
    const loaded = loadNft(text)
    expect(loaded).toMatchObject({ kind: 'loaded' })
    expectAgreement(text)
  })

  const packaged = existsSync(PACKAGED) ? readdirSync(PACKAGED).filter((name) => name.endsWith('.nft') && name !== 'all-in-one.nft') : []
  const taken: string[] = []
  it.each(packaged)('the example %s of the package', (name) => {
    if (expectAgreement(readFileSync(`${PACKAGED}/${name}`, 'utf8')) === 'compared') taken.push(name)
  })
  it.skipIf(packaged.length === 0)('most examples of the package could be loaded', () => {
    expect(taken.length).toBeGreaterThan(packaged.length / 2)
  })

  let compared = 0
  let refused = 0
  it(`${RANDOM} random rulesets`, { timeout: 60_000 + RANDOM * 2000 }, () => {
    for (let seed = 1; compared < RANDOM; seed++) {
      // A few random rules contradict themselves.
      expect(refused).toBeLessThan(20 + RANDOM)
      const text = new NftRules(new Random(seed)).ruleset()
      try {
        if (expectAgreement(text) === 'refused') refused++
        else compared++
      } catch (error) {
        throw new Error(`seed ${seed}:\n${text}`, { cause: error })
      }
    }
  })
  afterAll(() => {
    process.stderr.write(`nft: ${compared} random texts compared, ${refused} refused by nft\n`)
  })
})
