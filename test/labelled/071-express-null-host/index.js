const http = require('http')

const gif = Buffer.from('R0lGODlhAQABAAAAACw=', 'base64')
const host = process.env.HOST || null
const port = process.env.PORT || '4010'

const server = http.createServer(function (req, res) {
  res.writeHead(200, { 'Content-Type': 'image/gif' })
  res.end(gif)
})

server.listen(port, host, function () {
  console.log('pixel server at http://localhost:' + port)
})
