import express from 'express'

const app = express()
const PORT = Number(process.env.PORT || 7006)
const HOST = process.env.HOST || '127.0.0.1'

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'analytics-engine' })
})

app.post('/events', express.json(), (req, res) => {
  res.status(202).json({ accepted: Array.isArray(req.body) ? req.body.length : 1 })
})

app.listen(PORT, HOST, () => {
  console.log(`Server running on http://${HOST}:${PORT}`)
})
