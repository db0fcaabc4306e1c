#!/usr/bin/env node
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import { join, normalize } from 'node:path'

const [host, port] = process.argv.slice(2)
if (!host || !port) {
  console.error('usage: serve.mjs HOST PORT      (HOST 0.0.0.0 for the whole network)')
  process.exit(2)
}

createServer((req, res) => {
  const path = join(process.cwd(), normalize(new URL(req.url, 'http://localhost').pathname))
  createReadStream(path)
    .on('error', () => res.writeHead(404).end())
    .pipe(res)
}).listen(Number(port), host, () => console.log(`http://${host}:${port}`))
