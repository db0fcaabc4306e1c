const Koa = require('koa')
const app = new Koa()
app.use((context) => (context.body = 'ok'))
app.listen(3000)
