import express from 'express'

const app = express()
const PORT = process.env.PORT || 7001

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'billing-engine' })
})

app.get('/invoices/:id', (req, res) => {
  res.json({ id: req.params.id, total: 0, currency: 'EUR' })
})

app.listen(PORT, () => {
  console.log(`billing-engine running on port ${PORT}`)
})
