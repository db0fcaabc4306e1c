const express = require('express')

const app = express()
const PORT = process.env.PORT || 7008

app.use(express.json())

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'email-service' })
})

app.post('/messages', (req, res) => {
  res.status(202).json({ to: req.body?.to ?? null, state: 'queued' })
})

app.listen(PORT, () => {
  console.log(`Email service running on port ${PORT}`)
})
