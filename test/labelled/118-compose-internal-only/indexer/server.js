const http = require('http')
http.createServer((req, res) => res.end('[]')).listen(process.env.PORT, process.env.HOST)
