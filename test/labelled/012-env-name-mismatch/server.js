import Fastify from 'fastify'

const fastify = Fastify({ logger: false })

fastify.get('/consents/:user', async (request) => ({ user: request.params.user, marketing: false }))

const host = process.env.BIND_HOST || '0.0.0.0'
const port = Number(process.env.PORT || 3200)

try {
  await fastify.listen({ host, port })
} catch (err) {
  fastify.log.error(err)
  process.exit(1)
}
