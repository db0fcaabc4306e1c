import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { get, put } from './store.js'

const app = new Hono()

app.get('/', (c) => c.text('link shortener'))

app.post('/links', async (c) => {
  const { url } = await c.req.json<{ url: string }>()
  return c.json({ slug: put(url) }, 201)
})

app.get('/:slug', (c) => {
  const url = get(c.req.param('slug'))
  return url ? c.redirect(url) : c.notFound()
})

serve({
  fetch: app.fetch,
  port: 8787
}, (info) => {
  console.log(`Server is running on http://localhost:${info.port}`)
})
