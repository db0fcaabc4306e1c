const express = require('express')

const app = express()
const PORT = process.env.PORT || 3002

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'video-service' })
})

app.get('/videos/:id', (req, res) => {
  res.json({ id: req.params.id, state: 'ready' })
})

app.listen(PORT, '0.0.0.0', () => {
  console.log(`Video service running on port ${PORT}`)
})
