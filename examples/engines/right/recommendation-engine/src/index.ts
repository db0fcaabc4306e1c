import express from 'express'

const app = express()
const PORT = Number(process.env.PORT || 7005)
const HOST = process.env.HOST || '127.0.0.1'

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'recommendation-engine' })
})

app.get('/recommendations/:user', (req, res) => {
  res.json({ user: req.params.user, items: [] })
})

app.listen(PORT, HOST, () => {
  console.log(`Server running on http://${HOST}:${PORT}`)
})
