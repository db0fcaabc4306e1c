import http from 'node:http'

const health = http.createServer((req, res) => {
  res.writeHead(req.url === '/healthz' ? 200 : 404).end()
})

health.listen(() => {
  const { port } = health.address()
  // the supervisor reads this line
  process.stdout.write(`HEALTH_PORT=${port}\n`)
})

setInterval(() => {}, 60_000)
