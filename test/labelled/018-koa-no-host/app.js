import Koa from 'koa'

const app = new Koa()
const votes = { yes: 0, no: 0 }

app.use(async (ctx, next) => {
  const start = Date.now()
  await next()
  ctx.set('X-Response-Time', `${Date.now() - start}ms`)
})

app.use(async (ctx) => {
  if (ctx.method === 'POST' && ctx.path in votes) votes[ctx.path.slice(1)] += 1
  ctx.body = votes
})

if (!process.env.VITEST) {
  app.listen(process.env.PORT ?? 3333)
}

export default app
