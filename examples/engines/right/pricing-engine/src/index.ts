import express from 'express'

const app = express()
const PORT = Number(process.env.PORT || 7002)
const HOST = process.env.HOST || '127.0.0.1'

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'pricing-engine' })
})

app.get('/prices/:sku', (req, res) => {
  res.json({ sku: req.params.sku, price: 12.5 })
})

app.listen(PORT, HOST, () => {
  console.log(`Server running on http://${HOST}:${PORT}`)
})
