import { execFileSync, fork, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'

const self = fileURLToPath(import.meta.url)
const how = process.argv[2]
if (how === 'fork') fork(self, ['listen'], { env: {}, execArgv: [] })
else if (how === 'spawn') spawn(process.execPath, [self, 'listen'], { stdio: 'inherit', env: {} })
else if (how === 'sync') execFileSync(process.execPath, [self, 'listen'], { stdio: 'inherit', env: {} })
else createServer((_request, response) => response.end('ok')).listen(3000)
