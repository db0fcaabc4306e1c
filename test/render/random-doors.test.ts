import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLab } from '../../lab/testing.ts'
import { arrived, type Asked, get, headerOf, NginxHost, statusOf } from './nginx-host.ts'
import { type DoorsProbe, randomDoors, UPSTREAMS } from './random-doors.ts'
import { policyOf, rendered } from './written.ts'

const SEED = Number(process.env['SALLYPORT_SEED'] ?? 1)
const COUNT = Number(process.env['SALLYPORT_RENDERED_DOORS'] ?? 25)

await describeLab('nginx, rendered from random policies', () => {
  let server: NginxHost
  beforeAll(async () => {
    server = await NginxHost.start(UPSTREAMS, ['any.example.com'])
    await server.host.run([
      '/bin/sh',
      '-ec',
      'mkdir -p /etc/tls; cp /etc/letsencrypt/live/any.example.com/fullchain.pem /etc/tls/any.pem; cp /etc/letsencrypt/live/any.example.com/privkey.pem /etc/tls/any.key',
    ])
  })
  afterAll(() => server?.close())

  it(`E5, E6, V6 · what it lets through is what the policy says: ${COUNT} policies from seed ${SEED}`, async () => {
    const disagreements: string[] = []
    const seen = new Map<string, number>()
    for (let seed = SEED; seed < SEED + COUNT; seed++) {
      const { policy, probes } = randomDoors(seed)
      const [file] = (await rendered('nginx', policyOf(policy))).files
      await server.serve(file?.text ?? '')
      expect(await server.said(), `seed ${seed}`).toBe('')
      const answers = await server.ask(probes.map(askedOf))
      for (const [index, probe] of probes.entries()) {
        const kind = typeof probe.means === 'number' ? 'passed on' : (probe.means.split(' ')[0] ?? '')
        seen.set(kind, (seen.get(kind) ?? 0) + 1)
        const found = foundIn(answers[index] ?? '', probe)
        if (found !== probe.means) disagreements.push(`seed ${seed}: ${JSON.stringify(probe)}: ${found}`)
      }
    }
    expect(disagreements).toEqual([])
    console.log(`nginx: ${COUNT} policies, ${[...seen].map(([kind, count]) => `${count} ${kind}`).join(', ')} (seed ${SEED})`)
    for (const kind of ['passed on', 'refused', 'denied', 'redirect']) expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(COUNT / 5)
  }, 600_000)
})

function askedOf({ port, encrypted, host, path, source }: DoorsProbe): Asked {
  return { port, ...(encrypted ? { name: host } : {}), text: get(path, host), source }
}

/** In the words of what is meant. */
function foundIn(answer: string, { path }: DoorsProbe): string | number {
  const request = arrived(answer)
  if (request !== undefined) return request.url === path ? request.port : `${request.port} as ${request.url}`
  const status = statusOf(answer)
  if (status === 301) return `redirect ${headerOf(answer, 'Location').join()}`
  if (status === 403 || status === 404) return 'denied'
  return answer === '' || answer.startsWith('error: ECONN') || answer === 'error: ERR_SSL_TLSV1_UNRECOGNIZED_NAME'
    ? 'refused'
    : answer.slice(0, 80)
}
