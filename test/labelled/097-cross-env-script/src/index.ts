import Koa from 'koa'

const HOST = process.env['HOST'] ?? 'localhost'
const PORT = Number(process.env['PORT'] ?? 3456)

const app = new Koa()
app.use(async (ctx) => {
  ctx.body = []
})
app.listen(PORT, HOST)
