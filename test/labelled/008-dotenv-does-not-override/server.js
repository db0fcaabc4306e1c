import 'dotenv/config'
import express from 'express'

const { HOST = '127.0.0.1', PORT = '3000' } = process.env

const app = express()

app.post('/render', express.json(), (req, res) => {
  res.type('application/pdf').send(Buffer.from('%PDF-1.4\n'))
})

app.listen(Number(PORT), HOST, () => {
  console.log(`invoice-pdf listening on ${HOST}:${PORT}`)
})
