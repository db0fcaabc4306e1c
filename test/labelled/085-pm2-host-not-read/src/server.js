const express = require('express')
const app = express()
const port = process.env.PORT || 7000

app.get('/health', (req, res) => res.json({ ok: true }))

const server = app.listen(port, () => {
  console.log(`Server running on http://127.0.0.1:${port}`)
})

server.requestTimeout = 30000
