import { serve } from '@hono/node-server'
import { Hono } from 'hono'

serve({ fetch: new Hono().get('/', (context) => context.text('ok')).fetch, port: 3000 })
