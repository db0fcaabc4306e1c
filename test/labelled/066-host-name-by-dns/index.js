import express from 'express'

const BIND_NAME = 'orders.internal.example.com'

const app = express()
app.get('/orders', (_req, res) => res.json([]))
app.listen(8900, BIND_NAME)
