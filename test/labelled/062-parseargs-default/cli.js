#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { createServer } from 'node:http'

const HELP = `mdview [--host ADDRESS] [--port N]
  --host   address to bind (0.0.0.0: every interface)   [127.0.0.1]
  --port   TCP port                                     [8500]`

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', short: 'p', default: '8500' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(HELP)
} else {
  createServer((_req, res) => res.end('<h1>README</h1>')).listen(Number(values.port), values.host)
}
