import { createServer } from 'node:http'

const env = process.env
const listenOn = { host: env.HOST, port: +env.PORT || 3055 }

createServer((_req, res) => {
  res.setHeader('content-type', 'text/plain')
  res.end(`waiting 0\nactive 0\nuptime ${Math.round(process.uptime())}\n`)
}).listen(listenOn, () => console.log('queue-stats up', listenOn))
