import Fastify from 'fastify'

const app = Fastify({
  logger: { level: process.env.LOG_LEVEL ?? 'warn' },
})

app.post('/check', {
  schema: { body: { type: 'object', required: ['zip'], properties: { zip: { type: 'string' } } } },
}, async (request) => {
  return { valid: /^\d{5}$/.test(request.body.zip) }
})

app.listen({ port: 3000 }, (err, address) => {
  if (err) {
    app.log.error(err)
    process.exit(1)
  }
  // in Docker this would need host: '0.0.0.0'
  console.log(`listening at ${address}`)
})
