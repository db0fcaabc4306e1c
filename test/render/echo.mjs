// node echo.mjs PORT…: a server on each port of 127.0.0.1 that answers with what arrived, raw. `/authorize` lets in who has `session=good`.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

for (const port of process.argv.slice(2).map(Number)) {
  const server = createServer((request, response) => {
    response.setHeader('X-Upstream', port)
    if (request.url === '/authorize') {
      const isGood = /(?:^|; )session=good(?:;|$)/.test(request.headers.cookie ?? '')
      if (isGood) response.setHeader('X-User', `alice ${JSON.stringify(request.rawHeaders)}`)
      response.writeHead(isGood ? 200 : 401).end()
      return
    }
    if (request.url === '/own-headers') response.setHeader('X-Frame-Options', 'SAMEORIGIN')
    response.setHeader('X-Powered-By', 'echo')
    response.end(JSON.stringify({ port, method: request.method, url: request.url, headers: request.rawHeaders }))
  })
  server.on('upgrade', (request, socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    socket.on('data', (data) => socket.write(data)).on('error', () => socket.destroy())
  })
  server.listen(port, '127.0.0.1')
}
