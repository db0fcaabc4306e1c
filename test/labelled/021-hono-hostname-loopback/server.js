import { serve as startHono } from '@hono/node-server'
import { Hono } from 'hono'

const api = new Hono().basePath('/api')
api.get('/meta', (c) => c.json({ pages: 0 }))

// Do not use 0.0.0.0: the metadata has customer names.
const hostname = process.env.HOSTNAME_BIND || '127.0.0.1'

startHono({ fetch: api.fetch, hostname, port: Number(process.env.PORT) || 8790 })
