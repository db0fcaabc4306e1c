import { loadSettings } from '@acme/platform-settings'
import fastify from 'fastify'

const settings = await loadSettings('notifier')
const app = fastify({ logger: settings.logging })

app.post('/notify', async (_req, reply) => reply.code(202).send())

await app.listen({ port: 8700, host: settings.bindHost })
