import { evidenceOf } from '@sallyport/core/evidence'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readFolder } from '../../packages/core/test/reader.ts'
import { compose } from '../../packages/core/src/systems/compose/index.ts'
import { nginx } from '../../packages/core/src/systems/nginx/index.ts'
import { randomDoors } from './random-doors.ts'
import { policyOf, rendered, textFor } from './written.ts'

/** Where a service may be published, by who may come: computed from what the policy was made of. */
type Published = 'everywhere' | 'loopback' | 'nowhere'

const SOURCES = [undefined, 'loopback', 'host', 'private', 'internet', 'office', '203.0.113.7'] as const
const service = fc.record({
  from: fc.uniqueArray(fc.constantFrom(...SOURCES), { minLength: 1, maxLength: 2 }),
  port: fc.integer({ min: 1024, max: 65_000 }),
  span: fc.integer({ min: 0, max: 2 }),
  protocols: fc.constantFrom<readonly ('tcp' | 'udp')[]>(['tcp'], ['udp'], ['tcp', 'udp']),
  routed: fc.boolean(),
  before: fc.constantFrom('everywhere', 'loopback', 'nowhere'),
})
type Made = typeof service extends fc.Arbitrary<infer T> ? T : never

function meant({ from, routed }: Made): Published {
  if (from.some((source) => source !== undefined && source !== 'loopback' && source !== 'host')) return 'everywhere'
  return routed || from.some((source) => source !== undefined) ? 'loopback' : 'nowhere'
}

/** Routes lead to one port of TCP. */
const canBeRouted = ({ span, protocols }: Made): boolean => span === 0 && protocols.includes('tcp')

it('M1, C1 · what compose publishes with the override is what the policy says, whatever was published before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(service, { minLength: 1, maxLength: 6 }), async (drawn) => {
      const made = drawn.map((each, index) => ({ ...each, name: `s${index}`, routed: each.routed && canBeRouted(each) }))
      const routes = Object.fromEntries(made.filter(({ routed }) => routed).map(({ name }) => [`/${name}`, name]))
      const lines = made.map(({ name, from, port, span, protocols }) => {
        const said = from.filter((source) => source !== undefined)
        const body = {
          port: span === 0 ? port : `${port}-${port + span}`,
          protocol: protocols,
          run: { compose: name },
          ...(said.length === 0 ? {} : { from: said }),
        }
        return `  ${name}: ${JSON.stringify(body)}\n`
      })
      const door = Object.keys(routes).length === 0 ? '' : `  door: ${JSON.stringify({ port: 443, from: 'internet', routes })}\n`
      const policy = policyOf(`version: 1\nname: x\nsources: { office: 198.51.100.0/24 }\nservices:\n${door}${lines.join('')}`)
      const base = made.map(({ name, before, port }) => {
        const ports = before === 'nowhere' ? '' : `, ports: ["${before === 'loopback' ? '127.0.0.1:' : ''}${port}:${port}", "9:9"]`
        return `  ${name}: { image: x${ports} }\n`
      })
      const files = new Map([
        ['compose.yaml', `services:\n${base.join('')}`],
        ['compose.override.yaml', await textFor('compose', policy)],
      ])
      const { evidence } = await readFolder(compose, files)
      const claims = new Map(evidenceOf(evidence, 'compose-service').map(({ claim }) => [claim.name, claim]))
      for (const each of made) {
        const { name, port, span, protocols } = each
        const found = claims.get(name)?.published.map(({ hostAddress, hostPorts, containerPorts, protocol }) => ({
          on: hostAddress.kind === 'known' ? hostAddress.value : hostAddress.kind,
          ports: [hostPorts, containerPorts],
          protocol,
        }))
        const range = { first: port, last: port + span }
        const on = { everywhere: 'absent', loopback: '127.0.0.1' } as const
        const where = meant(each)
        expect(found).toEqual(where === 'nowhere' ? [] : protocols.map((protocol) => ({ on: on[where], ports: [range, range], protocol })))
      }
    }),
    { numRuns: 300 },
  )
})

it('C4 · nothing of a rendered nginx is without meaning to our own reader', async () => {
  for (let seed = 0; seed < 100; seed++) {
    const [file] = (await rendered('nginx', policyOf(randomDoors(seed).policy))).files
    const { evidence } = await readFolder(nginx, new Map([['etc/nginx/conf.d/sallyport.conf', file?.text ?? '']]))
    expect(
      evidenceOf(evidence, 'gap').map(({ claim }) => claim.what),
      `seed ${seed}`,
    ).toEqual([])
    expect(evidenceOf(evidence, 'proxy')).toHaveLength(1)
  }
})

it('the same policy gives the same text', async () => {
  for (const system of ['nginx', 'pm2', 'compose', 'fail2ban', 'dotenv']) {
    for (let seed = 0; seed < 20; seed++) {
      const { policy } = randomDoors(seed)
      expect(await rendered(system, policyOf(policy))).toEqual(await rendered(system, policyOf(policy)))
    }
  }
})
