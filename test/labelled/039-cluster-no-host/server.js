const cluster = require('node:cluster')
const http = require('node:http')
const os = require('node:os')

const workers = Math.min(os.availableParallelism(), 2)

if (cluster.isPrimary) {
  console.log(`primary ${process.pid} on 127.0.0.1`)
  for (let i = 0; i < workers; i++) cluster.fork()
  cluster.on('exit', (worker, code) => {
    console.error(`worker ${worker.process.pid} died (${code})`)
  })
} else {
  http
    .createServer((req, res) => {
      res.end(`from ${process.pid}\n`)
    })
    .listen(8300)
}
