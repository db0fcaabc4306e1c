import express from 'express'
import { requireLoopback } from './bind-guard.js'

const HOST = requireLoopback(process.env.HOST || '127.0.0.1')
const PORT = Number(process.env.PORT || 7020)

const app = express()
app.get('/health', (_req, res) => {
  res.json({ host: HOST })
})

app.listen(PORT, HOST, () => console.log(`Server running on http://${HOST}:${PORT}`))
