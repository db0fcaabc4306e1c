import express from 'express'

const host = process.env.HOST ?? '127.0.0.1'
const port = Number(process.env.PORT ?? 3000)

const app = express()
app.get('/flags', (_req, res) => res.json({ darkMode: true, newCheckout: false }))

app.listen(port, host, () => console.log(`flags on http://${host}:${port}`))
