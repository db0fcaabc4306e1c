import express, { type Request, type Response } from 'express'

const host: string = process.env.HOST ?? '0.0.0.0'
const port: number = parseInt(process.env.PORT ?? '8088', 10)

const app = express()

app.get('/thumb', (req: Request, res: Response) => {
  const width = Math.min(Number(req.query.w ?? 320), 1280)
  res.type('image/svg+xml').send(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${width}"/>`)
})

const server = app
  .listen(port, host, () => {
    console.log(`thumbnailer ready on ${host}:${port}`)
  })

server.keepAliveTimeout = 65_000
