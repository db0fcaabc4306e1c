const { createServer } = require('http')

const host = process.env.HOST || '0.0.0.0'

createServer((req, res) => res.end('bridge')).listen(8460, host)
