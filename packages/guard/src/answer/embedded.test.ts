import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, request, type RequestListener } from 'node:http'
import { connect, createServer as createServer2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { guard } from '../guard.ts'
import type { GuardOptions } from '../options.ts'

const ALLOWED = 'http://localhost:5173/'

async function answer(
  headers: Record<string, string>,
  options: GuardOptions = {},
  handler: RequestListener = (_, response) => response.end(),
) {
  const server = guard({ log: false, ...options }).protect(createServer(handler))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const asked = request({ host: '127.0.0.1', port, headers, agent: false }).end()
  const [response] = (await once(asked, 'response')) as [{ statusCode: number; headers: IncomingHttpHeaders; resume(): void }]
  response.resume()
  server.close()
  return [response.statusCode, response.headers['cross-origin-resource-policy'], response.headers.vary]
}

test('P4 · what a page of an allowed origin shows is not thrown away by its browser, and is not had from a cache by others', async () => {
  expect(await answer({ Referer: ALLOWED })).toEqual([200, 'cross-origin', 'Origin, Referer'])
  expect(await answer({ Referer: ALLOWED, 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Dest': 'image' })).toEqual([
    200,
    'cross-origin',
    'Origin, Referer',
  ])
})

test('P4 · nobody else’s is let out', async () => {
  expect(await answer({})).toEqual([200, 'same-origin', 'Origin'])
  expect(await answer({ Referer: 'http://localhost:5173.example.com/' })).toEqual([200, 'same-origin', 'Origin'])
  expect(await answer({ Referer: ALLOWED, Origin: 'https://poker.example.com' })).toEqual([403, 'same-origin', 'Origin'])
  expect(await answer({ Referer: 'https://poker.example.com/', 'Sec-Fetch-Site': 'cross-site' })).toEqual([403, 'same-origin', 'Origin'])
})

test('P4 · an option or the application may say otherwise, and what the application says of caches stands', async () => {
  expect(await answer({ Referer: ALLOWED }, { headers: { 'cross-origin-resource-policy': 'same-origin' } })).toEqual([
    200,
    'same-origin',
    'Origin, Referer',
  ])
  expect(
    await answer({ Referer: ALLOWED }, {}, (_, response) => {
      response.writeHead(200, { Vary: 'Accept-Encoding, origin', 'Cross-Origin-Resource-Policy': 'same-site' }).end()
    }),
  ).toEqual([200, 'same-site', 'Accept-Encoding, origin, Referer'])
  expect(await answer({ Referer: ALLOWED }, {}, (_, response) => response.setHeader('Vary', '*').end())).toEqual([200, 'cross-origin', '*'])
})

test('P4 · by HTTP/2 too', async () => {
  const server = guard({ log: false }).protect(createServer2((_, response) => response.end()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const stream = session.request({ ':path': '/', referer: ALLOWED })
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  stream.resume()
  await once(stream, 'close')
  session.close()
  server.close()
  expect([headers['cross-origin-resource-policy'], headers.vary]).toEqual(['cross-origin', 'Origin, Referer'])
})
