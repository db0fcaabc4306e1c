import { createServer } from 'node:http'
import { guard, GuardError, listen } from '@sallyport/guard'
import { api } from './api.js'
import { config } from './config.js'
import { Hands } from './hands.js'
import { live } from './live.js'

const hands = new Hands()
const server = createServer(api(hands, config.debug))
live(server, hands)
guard().protect(server)

try {
  const { address, port } = await listen(server, { host: config.host, port: config.port })
  console.log(`API running on http://${address}:${port}`)
} catch (error) {
  if (!(error instanceof GuardError)) throw error
  console.error(`SECURITY ERROR: ${error.message}`)
  process.exit(1)
}
