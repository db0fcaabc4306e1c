import { createServer } from 'node:http'

const HOST = '0.0.0.0'
const PORT = 8222

function startPreview() {
  const HOST = '127.0.0.1'
  const server = createServer((_req, res) => res.end('preview'))
  server.listen(PORT, HOST)
  return server
}

startPreview()
console.log(`the production site will bind ${HOST}`)
