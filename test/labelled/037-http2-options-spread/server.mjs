import http2 from 'node:http2'
import { base } from './listen-defaults.mjs'

const server = http2.createServer()

server.on('stream', (stream, headers) => {
  stream.respond({ ':status': 200, 'content-type': 'application/json' })
  stream.end(JSON.stringify({ path: headers[':path'] }))
})

const options = { ...base, port: 8600 }
server.listen(options)
