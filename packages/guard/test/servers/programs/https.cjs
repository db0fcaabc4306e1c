const { createServer } = require('node:https')
const { readFileSync } = require('node:fs')
const [cert, key] = process.argv.slice(2).map((file) => readFileSync(file))
createServer({ cert, key }, (_request, response) => response.end('ok')).listen({ port: 3000, host: '::' })
