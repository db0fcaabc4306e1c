import { existsSync } from 'node:fs'
import Fastify from 'fastify'

const inContainer = existsSync('/.dockerenv') || existsSync('/run/.containerenv')

const app = Fastify()
app.get('/metrics', async (_req, reply) => reply.type('text/plain').send('up 1\n'))

await app.listen({
  port: 3800,
  host: inContainer ? '0.0.0.0' : '127.0.0.1',
})
