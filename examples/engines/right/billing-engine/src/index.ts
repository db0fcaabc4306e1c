import express from 'express'

const app = express()
const PORT = Number(process.env.PORT || 7001)
const HOST = process.env.HOST || '127.0.0.1'

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'billing-engine' })
})

app.get('/invoices/:id', (req, res) => {
  res.json({ id: req.params.id, total: 0, currency: 'EUR' })
})

app.listen(PORT, HOST, () => {
  console.log(`Server running on http://${HOST}:${PORT}`)
})
