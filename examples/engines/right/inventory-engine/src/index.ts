import express from 'express'

const app = express()
const PORT = Number(process.env.PORT || 7003)
const HOST = process.env.HOST || '127.0.0.1'

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'inventory-engine' })
})

app.get('/stock/:sku', (req, res) => {
  res.json({ sku: req.params.sku, available: 3 })
})

app.listen(PORT, HOST, () => {
  console.log(`Server running on http://${HOST}:${PORT}`)
})
