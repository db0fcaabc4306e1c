import http from 'node:http'
import { lookup } from './lookup.js'

const HOST = process.env.HOST || '127.0.0.1'
const PORT = Number.parseInt(process.env.PORT || '6060', 10)

const server = http.createServer((req, res) => {
  const url = new URL(req.url, `http://${req.headers.host}`)
  const hit = lookup(url.searchParams.get('ip'))
  res.writeHead(hit ? 200 : 404, { 'content-type': 'application/json' })
  res.end(JSON.stringify(hit ?? { error: 'unknown' }))
})

server.listen(PORT, HOST)
