import express from 'express'

const app = express()
const PORT = process.env.PORT || 7002

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'pricing-engine' })
})

app.get('/prices/:sku', (req, res) => {
  res.json({ sku: req.params.sku, price: 12.5 })
})

app.listen(PORT, () => {
  console.log(`pricing-engine running on port ${PORT}`)
})
