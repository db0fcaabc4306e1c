import express from 'express'
import http from 'node:http'

const publicApp = express()
publicApp.get('/products', (_req, res) => res.json([]))

const adminApp = express()
adminApp.delete('/products/:id', (_req, res) => res.sendStatus(204))

const { METRICS_HOST } = process.env
const metrics = http.createServer((_req, res) => res.end('requests_total 0\n'))

publicApp.listen(8080, () => console.log('api'))
adminApp.listen(9090, '127.0.0.1', () => console.log('admin'))
metrics.listen({ port: 9464, host: METRICS_HOST }, () => console.log('metrics'))
