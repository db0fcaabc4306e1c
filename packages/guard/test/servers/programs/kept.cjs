// What has to stay as it is.
const { createServer } = require('node:net')
const { createSocket } = require('node:dgram')
const http = require('node:http')
const said = []
const path = process.argv[2]
createServer().listen(path, function () {
  said.push(this.address() === path)
  this.close()
  createServer().listen(0, '127.0.0.1', function () {
    said.push(this.address().address, this.address().port > 0)
    this.close()
    createServer().listen({ port: 0, host: 'localhost', exclusive: true }, function () {
      said.push(/^(?:127\.0\.0\.1|::1)$/.test(this.address().address))
      this.close()
      const server = http.createServer((_request, response) => response.end('ok')).listen(0)
      server.on('listening', () => {
        said.push(server.listening, server.address().family)
        server.close(() => {
          said.push('closed')
          const sender = createSocket('udp4')
          sender.send('x', 9, '127.0.0.1', () => {
            said.push(sender.address().address)
            sender.close()
            createServer()
              .on('error', ({ code }) => console.log(JSON.stringify([...said, code])))
              .listen('/nowhere/at/all')
          })
        })
      })
    })
  })
})
