import cluster from 'node:cluster'
import fastify from 'fastify'

const LISTEN = { port: 8310, host: '127.0.0.1' } as const

if (cluster.isPrimary) {
  for (let i = 0; i < 2; i += 1) cluster.fork()
} else {
  const app = fastify()
  app.post('/tokens', async (req) => ({ tokens: String(req.body ?? '').split(/\s+/).length }))
  // 0.0.0.0 is not wanted here
  await app.listen({ ...LISTEN })
}
