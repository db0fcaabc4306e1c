const express = require('express')

const app = express()
const PORT = Number(process.env.PORT || 3002)
const HOST = process.env.HOST || '127.0.0.1'

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'video-service' })
})

app.get('/videos/:id', (req, res) => {
  res.json({ id: req.params.id, state: 'ready' })
})

app.listen(PORT, HOST, () => {
  console.log(`Server running on http://${HOST}:${PORT}`)
})
