// node --import tsx guarded.ts LOG: an API behind nginx with the guard, on 127.0.0.1:3000, whose callers bring a key.
import { createServer } from 'node:http'
import { guard, listen } from '../../packages/guard/src/index.ts'

const [, , log = ''] = process.argv
const server = createServer((_, response) => void response.end('ok'))
guard({
  hosts: ['app.example.com:80'],
  behind: {
    keys: ['p'.repeat(40)],
    headers: ['X-Real-IP', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Port'],
    client: 'X-Real-IP',
  },
  keys: { callers: ['c'.repeat(40)], header: 'X-API-Key' },
  log,
}).protect(server)
await listen(server, { host: '127.0.0.1', port: 3000 })
