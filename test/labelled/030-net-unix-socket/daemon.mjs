import { createServer } from 'node:net'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const socketPath = process.env.KEYRING_SOCKET ?? join(tmpdir(), 'keyring.sock')
rmSync(socketPath, { force: true })

const server = createServer((client) => {
  client.end('locked\n')
})

server.listen({ path: socketPath, readableAll: false }, () => {
  console.log(`listening on ${socketPath}`)
})

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close(() => process.exit(0)))
