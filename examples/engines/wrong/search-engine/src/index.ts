import express from 'express'

const app = express()
const PORT = process.env.PORT || 7004

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'search-engine' })
})

app.get('/search', (req, res) => {
  res.json({ query: req.query.q ?? '', hits: [] })
})

app.listen(PORT, () => {
  console.log(`search-engine running on port ${PORT}`)
})
