// By a name that a resolver knows: here one of the program's own.
const { createServer } = require('node:http')
require('node:dns').lookup = (_name, options, done) => {
  const answer = typeof options === 'function' ? options : done
  setImmediate(() => (options?.all ? answer(null, [{ address: '192.168.77.1', family: 4 }]) : answer(null, '192.168.77.1', 4)))
}
createServer((_request, response) => response.end('ok')).listen(3000, 'server.example')
