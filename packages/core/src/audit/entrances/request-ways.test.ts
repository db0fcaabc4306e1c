import { expect, test } from 'vitest'
import { effortOf, numbered } from '../../../test/effort.ts'
import { readFolder } from '../../../test/reader.ts'
import { nginx } from '../../systems/nginx/index.ts'
import { audit } from '../audit.ts'
import { frontsOf } from '../join/fronting.ts'
import { requestWaysOf } from './request-ways.ts'

test('C5 · the requests that come through thousands of proxied servers are soon told', async () => {
  const server = (port: number): string => `server { listen ${port + 1}; location / { proxy_pass http://127.0.0.1:${port + 20_000}; } }`
  const files = new Map([['nginx.conf', `http {\n${numbered(6000, server)}}\n`]])
  const { evidence } = await readFolder(nginx, files)
  const report = audit({ evidence, policy: undefined, folder: '/x', now: 0, environment: '' })
  const [row] = report.rows
  if (row === undefined) throw new Error('no row of nginx itself')
  const fronts = frontsOf(evidence, []).map(({ fronting }) => fronting)
  const effort = await effortOf(async () => {
    const ways = requestWaysOf(report, { ...row, fronts })
    expect(ways.map(({ location }) => location?.span.start.line)).toEqual(Array.from({ length: 6000 }, (_, index) => index + 2))
  })
  expect(effort).toBeLessThan(4000)
})
