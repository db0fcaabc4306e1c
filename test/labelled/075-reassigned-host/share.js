import Fastify from 'fastify'

let host = 'localhost'
if (process.argv.includes('--lan')) {
  host = '0.0.0.0'
}

const app = Fastify()
app.get('/albums', async () => [])
await app.listen({ port: 8240, host })
