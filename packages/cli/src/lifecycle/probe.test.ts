import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Part } from './part.ts'
import { probe } from './probe.ts'

const asked: (string | undefined)[] = []
const server = createServer((request, response) => {
  asked.push(request.url)
  response.end()
})
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterAll(() => void server.close())

describe('what a service is asked', () => {
  it('M11 · for the path of its policy, in whatever letters it is written', async () => {
    const { port } = server.address() as AddressInfo
    const part: Omit<Part, 'row'> = {
      name: 'api',
      runner: { kind: 'nobody', why: '', next: '' },
      ports: [{ port, protocol: 'tcp' }],
      health: '/zdraví/東\ud800%20ok',
      domain: undefined,
      encrypted: false,
      store: false,
      needs: [],
      elsewhere: false,
    }
    expect(await probe(part, undefined)).toMatchObject([{ kind: 'http', status: 200 }])
    expect(asked).toEqual(['/zdrav%C3%AD/%E6%9D%B1%EF%BF%BD%20ok'])
  })
})
