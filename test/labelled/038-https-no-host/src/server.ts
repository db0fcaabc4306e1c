import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import express from 'express'

const app = express()
app.get('/', (_req, res) => {
  res.send('hello')
})

const tls = {
  key: readFileSync(process.env.TLS_KEY_FILE ?? '/etc/ssl/private/front-door.key'),
  cert: readFileSync(process.env.TLS_CERT_FILE ?? '/etc/ssl/certs/front-door.pem'),
}

https.createServer(tls, app).listen(443)

http
  .createServer((req, res) => {
    res.writeHead(301, { location: `https://${req.headers.host}${req.url}` }).end()
  })
  .listen(80)
