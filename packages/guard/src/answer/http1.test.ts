import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { guard } from '../guard.ts'

/** The lines of what is answered, `Name: value`, without those that are Node's own. */
async function answered(handler: (response: ServerResponse) => void): Promise<readonly string[]> {
  const server = guard({ log: false }).protect(createServer((_request, response) => handler(response)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const asked = request({ host: '127.0.0.1', port, agent: false }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  server.close()
  const names = response.rawHeaders.filter((_, index) => index % 2 === 0)
  return names
    .map((name, index) => `${name}: ${response.rawHeaders[index * 2 + 1]}`)
    .filter((line) => !/^(?:Date|Connection|Content-Length|Transfer-Encoding|Keep-Alive):/.test(line))
    .toSorted()
}

const OURS = [
  "Content-Security-Policy: frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy: same-origin',
  'Cross-Origin-Resource-Policy: same-origin',
  'Referrer-Policy: no-referrer',
  'Vary: Origin',
  'X-Content-Type-Options: nosniff',
  'X-Frame-Options: DENY',
  'X-Localhost-Only: true',
]
const APPLICATION = {
  'X-Own': 'kept',
  'x-frame-options': 'ALLOWALL',
  'Referrer-Policy': 'origin',
  'Access-Control-Allow-Origin': '*',
  'X-Powered-By': 'something',
  Vary: 'Accept-Encoding',
}
const BOTH = [...OURS.filter((line) => !/^(?:Referrer-Policy|Vary)/.test(line)), 'Referrer-Policy: origin', 'X-Own: kept'].toSorted()
const whole = (vary: string): readonly string[] => [...BOTH, `Vary: ${vary}`].toSorted()

test('P5 · a response that says nothing of its own has them, whatever it is made with', async () => {
  expect(await answered((response) => response.end('ok'))).toEqual(OURS)
  expect(await answered((response) => response.setHeader('X-Powered-By', 'something').end())).toEqual(OURS)
  expect(await answered((response) => response.writeHead(204).end())).toEqual(OURS)
})

const WAYS: Readonly<Record<string, (response: ServerResponse) => ServerResponse>> = {
  setHeader: (response) => {
    for (const [name, value] of Object.entries(APPLICATION)) response.setHeader(name, value)
    return response
  },
  'writeHead with an object': (response) => response.writeHead(200, APPLICATION),
  'writeHead with a reason and an object': (response) => response.writeHead(200, 'Fine', APPLICATION),
  'writeHead with names and values by turns': (response) => response.writeHead(200, Object.entries(APPLICATION).flat()),
  'writeHead with pairs': (response) => response.writeHead(200, Object.entries(APPLICATION) as unknown as OutgoingHttpHeaders),
  'setHeader, then writeHead': (response) => {
    response.setHeader('X-Own', 'replaced')
    return response.writeHead(200, APPLICATION)
  },
  'a prototype that was given to it, as Express does, then setHeader': (response) => {
    Object.setPrototypeOf(response, Object.create(Object.getPrototypeOf(response) as object) as object)
    for (const [name, value] of Object.entries(APPLICATION)) response.setHeader(name, value)
    return response
  },
}

test.each(Object.entries(WAYS))('P4, P5 · what the application says beside them: by %s', async (_, say) => {
  expect(await answered((response) => say(response).end())).toEqual(whole('Accept-Encoding, Origin'))
})

test('P5 · what it says more than once is sent more than once', async () => {
  const cookies = ['Set-Cookie: a=1', 'Set-Cookie: b=2']
  const ways: readonly ((response: ServerResponse) => void)[] = [
    (response) => response.setHeader('Set-Cookie', ['a=1', 'b=2']).setHeader('x-frame-options', 'ALLOWALL').end(),
    (response) => response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'], 'X-Frame-Options': 'ALLOWALL' }).end(),
    (response) => response.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Frame-Options', 'ALLOWALL']).end(),
  ]
  for (const way of ways) expect(await answered(way)).toEqual([...OURS, ...cookies].toSorted())
})
