import fastify from 'fastify'
import config from './config.js'

const {
  server: { host, port, trustProxy },
  database,
} = config

const app = fastify({ trustProxy })

app.get('/items', async () => ({ items: [], db: `${database.host}:${database.port}` }))

const start = async (): Promise<void> => {
  const address = await app.listen({ port, host })
  console.log(`catalogue at ${address}`)
}

void start()
