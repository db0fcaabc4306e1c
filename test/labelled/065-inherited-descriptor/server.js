import { createServer } from 'node:http'

const SD_LISTEN_FDS_START = 3

const server = createServer((_req, res) => res.end('ok\n'))

if (!process.env.LISTEN_FDS) {
  console.error('start me by socket activation')
  process.exit(1)
}

server.listen({ fd: SD_LISTEN_FDS_START }, () => {
  console.log('serving on the inherited socket')
})
