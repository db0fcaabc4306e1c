const express = require('express')

const app = express()
const PORT = Number(process.env.PORT || 7008)
const HOST = process.env.HOST || '127.0.0.1'

app.use(express.json())

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'email-service' })
})

app.post('/messages', (req, res) => {
  res.status(202).json({ to: req.body?.to ?? null, state: 'queued' })
})

app.listen(PORT, HOST, () => {
  console.log(`Server running on http://${HOST}:${PORT}`)
})
