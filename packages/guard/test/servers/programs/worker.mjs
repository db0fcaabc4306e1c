import { isMainThread, Worker } from 'node:worker_threads'
import { createServer } from 'node:http'

if (isMainThread) new Worker(new URL(import.meta.url), process.argv[2] === 'bare' ? { execArgv: [], env: {} } : {})
else createServer((_request, response) => response.end('ok')).listen(3000)
