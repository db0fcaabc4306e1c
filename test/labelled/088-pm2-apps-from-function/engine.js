import express from 'express'

const { ENGINE = 'engine', HOST = '127.0.0.1', PORT = '7040' } = process.env

const app = express()
app.get('/', (_req, res) => res.send(ENGINE))
app.listen(Number(PORT), HOST)
