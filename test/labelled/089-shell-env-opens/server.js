const http = require('http')

const HOST = process.env.HOST || '127.0.0.1'
const PORT = parseInt(process.env.PORT || '8080', 10)

http
  .createServer((req, res) => res.end('board'))
  .listen(PORT, HOST, () => console.log(`Server running on http://${HOST}:${PORT}`))
