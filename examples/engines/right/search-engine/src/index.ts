import express from 'express'

const app = express()
const PORT = Number(process.env.PORT || 7004)
const HOST = process.env.HOST || '127.0.0.1'

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'search-engine' })
})

app.get('/search', (req, res) => {
  res.json({ query: req.query.q ?? '', hits: [] })
})

app.listen(PORT, HOST, () => {
  console.log(`Server running on http://${HOST}:${PORT}`)
})
