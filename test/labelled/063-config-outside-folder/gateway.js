const fs = require('fs')
const express = require('express')

const CONFIG_FILE = '/etc/meter-gateway/config.json'

function readConfig(file) {
  const text = fs.readFileSync(file, 'utf8')
  return JSON.parse(text)
}

const config = readConfig(CONFIG_FILE)
const app = express()

app.post('/readings', express.json(), (req, res) => res.status(202).end())

app.listen(config.listen.port, config.listen.host)
