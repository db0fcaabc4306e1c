import http from 'node:http'
import Koa from 'koa'

const app = new Koa()

app.use((ctx: { body: unknown; path: string }) => {
  ctx.body = { path: ctx.path, text: 'Bind 0.0.0.0 only behind a firewall.' }
})

const server = http.createServer(app.callback())

server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EADDRINUSE') console.error('port is taken')
  process.exit(1)
})

server.listen(
  {
    host: 'localhost',
    port: 4600,
    exclusive: true,
  },
  () => console.log('translations ready'),
)
