const server = require('@hapi/hapi').server({ port: 3000 })
server.route({ method: 'GET', path: '/', handler: () => 'ok' })
void server.start()
