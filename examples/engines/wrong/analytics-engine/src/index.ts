import express from 'express'

const app = express()
const PORT = process.env.PORT || 7006

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'analytics-engine' })
})

app.post('/events', express.json(), (req, res) => {
  res.status(202).json({ accepted: Array.isArray(req.body) ? req.body.length : 1 })
})

app.listen(PORT, () => {
  console.log(`analytics-engine running on port ${PORT}`)
})
