import fastify from 'fastify'

const HOST = process.env.HOST || '127.0.0.1'
const PORT = Number(process.env.PORT || 7011)

const app = fastify()
app.get('/route', async () => ({ to: 'reasoning', never: '0.0.0.0' }))

await app.listen({ host: HOST, port: PORT })
console.log(`Server running on http://${HOST}:${PORT}`)
