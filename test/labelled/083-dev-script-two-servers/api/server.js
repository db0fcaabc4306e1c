import Koa from 'koa'
import { api } from './settings.js'

const app = new Koa()
app.use((ctx) => {
  ctx.body = [{ id: 1, name: 'Bread' }]
})
app.listen(api.port, api.host)
