import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const app = new Hono()

const links: Record<string, string> = { docs: 'https://example.com/docs' }

app.get('/', (c) => c.text('short links'))
app.get('/:slug', (c) => {
  const target = links[c.req.param('slug')]
  return target ? c.redirect(target) : c.notFound()
})

serve(
  {
    fetch: app.fetch,
    port: 8787,
  },
  (info) => {
    console.log(`Server is running on http://localhost:${info.port}`)
  },
)
