import express from 'express'

const HOST = process.env.HOST || '0.0.0.0'
const PORT = Number(process.env.PORT || 3000)

const app = express()
app.get('/health', (_req, res) => res.json({ ok: true }))
app.listen(PORT, HOST, () => console.log(`writer on ${HOST}:${PORT}`))
