import express from 'express'
import { lanAddress } from './lan.js'

const app = express()
app.post('/cast', (_req, res) => {
  res.sendStatus(202)
})

const host = lanAddress()
app.listen(4800, host, () => console.log(`cast to http://${host}:4800`))
