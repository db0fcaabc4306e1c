import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Evidence, evidenceOf } from '@sallyport/core/evidence'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NftRules } from '../../lab/agreement/nft.ts'
import { Random } from '../../lab/agreement/random.ts'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import { meaning } from '../../packages/core/test/netfilter/meaning.ts'
import { Text } from '../../packages/core/src/evidence/text.ts'
import { readNftJson, readNftText } from '../../packages/core/src/systems/netfilter/index.ts'
import { loadNft, whyNot } from './nft.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLI = 'packages/cli/src/main.ts'

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24'] },
    hosts: { server: { on: { internet: ['198.51.100.10'] }, defaultRoute: 'internet' } },
  })

const reason = whyNot()
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`nft has to be tried, and cannot: ${reason}`)
if (reason !== undefined) console.warn(`skipped, nothing is compared with nft: ${reason}`)

/** Rulesets as people write them, one a file; `nft` has to take each. */
const WRITTEN = new URL('nft-text/', import.meta.url)
/** Those of the package's documentation that name no device which is not there, and work on a kernel without more modules. */
const PACKAGED = '/usr/share/doc/nftables/examples'
const RANDOM = Number(process.env['SALLYPORT_NFT_TEXTS'] ?? 60)

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
  // Where the package came without its documentation there are none.
  if (packaged.length > 0)
    it('most examples of the package could be loaded', () => {
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

await describeLab('the packet filter files of a machine', () => {
  let lab: Awaited<ReturnType<typeof build>>
  beforeAll(async () => {
    lab = await build()
  })
  afterAll(() => lab?.close())

  it('are captured with it as what is configured, beside the rules that run', async () => {
    const { server } = lab.hosts
    await server.write('/etc/nftables.conf', 'flush ruleset\ninclude "/etc/nftables.d/*.nft"\n')
    await server.write('/etc/nftables.d/web.nft', 'table inet web {\n\tchain input {\n\t\ttcp dport 80 accept\n\t}\n}\n')
    await server.write('/etc/iptables/rules.v6', '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 443 -j ACCEPT\nCOMMIT\n')
    await server.nft('table inet running { chain input { type filter hook input priority 0; policy accept; drop;\n }\n }\n')
    const { stdout } = await server.run(['node', '--conditions=source', '--import', 'tsx', CLI, 'capture'], {
      cwd: ROOT,
      timeoutMs: 60_000,
    })
    const evidence = stdout
      .split('\n')
      .flatMap((line): readonly Evidence[] => (line.startsWith('{"claim"') ? [JSON.parse(line) as Evidence] : []))
    const rulesets = evidenceOf(evidence, 'netfilter').map(({ claim, origin, standing }) => {
      const tables = claim.ruleset.tables.map(({ family, name }) => `${family} ${name}`).join()
      return `${standing} ${origin.kind === 'file' ? origin.path : origin.kind}: ${tables}`
    })
    expect(rulesets).toContain('configured /etc/nftables.conf: inet web')
    expect(rulesets).toContain('configured /etc/iptables/rules.v6: ip6 filter')
    expect(rulesets).toContain('running command: inet running')
  })
})
