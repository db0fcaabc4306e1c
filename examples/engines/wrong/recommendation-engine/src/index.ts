import express from 'express'

const app = express()
const PORT = process.env.PORT || 7005

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'recommendation-engine' })
})

app.get('/recommendations/:user', (req, res) => {
  res.json({ user: req.params.user, items: [] })
})

app.listen(PORT, () => {
  console.log(`recommendation-engine running on port ${PORT}`)
})
