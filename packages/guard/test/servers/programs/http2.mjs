import { createSecureServer } from 'node:http2'
import { readFileSync } from 'node:fs'

const [cert, key] = process.argv.slice(2).map((file) => readFileSync(file))
createSecureServer({ cert, key, allowHTTP1: true }, (_request, response) => response.end('ok')).listen(3000)
