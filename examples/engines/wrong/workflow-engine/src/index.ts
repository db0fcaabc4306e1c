import express from 'express'

const app = express()
const PORT = process.env.PORT || 7007

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', service: 'workflow-engine' })
})

app.post('/workflows/:id/start', (req, res) => {
  res.status(202).json({ id: req.params.id, state: 'running' })
})

app.listen(PORT, () => {
  console.log(`workflow-engine running on port ${PORT}`)
})
