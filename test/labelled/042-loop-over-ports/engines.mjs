import express from 'express'

const ports = [7001, 7002, 7003]

for (const port of ports) {
  const app = express()
  app.get('/health', (_req, res) => res.json({ port }))
  app.listen(port, '0.0.0.0')
}
