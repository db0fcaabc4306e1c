import fastify from 'fastify'

const app = fastify()
app.get('/', async () => 'ok')
await app.listen({ port: 3000, host: '0.0.0.0' })
