import express from 'express'

const app = express()
const HOST = process.env.HOST || 'localhost'
const PORT = process.env.PORT || 3400

app.get('/search', (req, res) => {
  res.json({ query: String(req.query.q ?? ''), hits: [] })
})

app.listen(PORT, HOST, () => console.log(`http://${HOST}:${PORT}`))
