import { createServer } from 'node:http'
import { services, type Service } from './services.js'

const start = ({ name, port, host }: Service) =>
  new Promise<void>((resolve, reject) => {
    const server = createServer((_req, res) => res.end(name))
    server.once('error', reject)
    server.listen(port, host ?? '127.0.0.1', resolve)
  })

await Promise.all(services.map(start))
console.log('all services up')
