import express from 'express'

const app = express()
const PORT = process.env.PORT || 7003

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'inventory-engine' })
})

app.get('/stock/:sku', (req, res) => {
  res.json({ sku: req.params.sku, available: 3 })
})

app.listen(PORT, () => {
  console.log(`inventory-engine running on port ${PORT}`)
})
