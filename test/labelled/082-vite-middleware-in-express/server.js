import express from 'express'
import { createServer as createViteServer } from 'vite'

const app = express()

const vite = await createViteServer({
  server: { middlewareMode: true, hmr: false, ws: false },
  appType: 'custom',
})

app.use(vite.middlewares)
app.use('*all', async (req, res) => {
  const html = await vite.transformIndexHtml(req.originalUrl, '<!doctype html><title>shop</title><!--ssr-->')
  res.status(200).set('content-type', 'text/html').end(html)
})

app.listen(5000, '127.0.0.1')
