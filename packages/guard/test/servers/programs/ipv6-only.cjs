const { createServer } = require('node:http')
createServer((_request, response) => response.end('ok')).listen({ port: 3000, host: '::', ipv6Only: true })
