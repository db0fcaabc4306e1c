const { createServer } = require('node:http')
createServer((_request, response) => response.end('ok')).listen(3000, '192.168.77.1')
