import express from 'express'

const { HOST } = process.env
if (!HOST) throw new Error('HOST is required')

const app = express()
app.get('/orders', (_req, res) => res.json([]))
app.listen(8780, HOST, () => console.log(`orders on ${HOST}:8780`))
