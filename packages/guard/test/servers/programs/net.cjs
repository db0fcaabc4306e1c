const { createServer } = require('node:net')
createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok')).listen({ port: '3000', backlog: 5 })
