const http = require('http')
http.createServer((req, res) => res.end('{}')).listen(4001, '0.0.0.0')
