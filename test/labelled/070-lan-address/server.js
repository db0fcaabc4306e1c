const express = require('express')

const config = {
  listen: '192.168.1.10',
  port: 8085,
}

const app = express()
app.get('/queue', (_req, res) => res.json([]))

app.listen(config.port, config.listen, () => {
  console.log(`queue on ${config.listen}:${config.port}`)
})
