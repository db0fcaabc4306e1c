import Fastify from 'fastify'

const app = Fastify({ bodyLimit: 10 * 1024 * 1024 })
app.post('/ocr', async () => ({ text: '' }))
await app.listen({ host: process.env.HOST ?? '127.0.0.1', port: Number(process.env.PORT ?? 3000) })
