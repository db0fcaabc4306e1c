import express from 'express'

const isProduction = process.env.NODE_ENV === 'production'
const host = isProduction ? '127.0.0.1' : '0.0.0.0'

const app = express()
app.get('/courses', (_req, res) => res.json([{ id: 1, title: 'Sailing' }]))

app.listen(3700, host, () => console.log(`courses on ${host}:3700`))
