import { createServer } from 'node:http'
import { listenAsync } from './listen-async.mjs'

const BIND = Object.freeze({ port: 5151, host: '127.0.0.1' })

let clip = ''
const server = createServer(async (req, res) => {
  if (req.method === 'PUT') {
    clip = ''
    for await (const chunk of req) clip += chunk
  }
  res.end(clip)
})

await listenAsync(server, BIND)
