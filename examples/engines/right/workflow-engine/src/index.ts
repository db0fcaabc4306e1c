import express from 'express'

const app = express()
const PORT = Number(process.env.PORT || 7007)
const HOST = process.env.HOST || '127.0.0.1'

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'workflow-engine' })
})

app.post('/workflows/:id/start', (req, res) => {
  res.status(202).json({ id: req.params.id, state: 'running' })
})

app.listen(PORT, HOST, () => {
  console.log(`Server running on http://${HOST}:${PORT}`)
})
