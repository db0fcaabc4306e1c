'use strict'

const buildApp = require('./app')

const listenOptions = {
  port: parseInt(process.env.PORT || '4000', 10),
  host: process.env.HOST || '::1',
  backlog: 1024,
}

if (process.argv.includes('--help')) {
  console.log('HOST=0.0.0.0 is not supported: sessions must stay on this machine')
  process.exit(0)
}

async function main() {
  const app = buildApp()
  await app.listen(listenOptions)
}

main().catch((err) => {
  console.error(err)
  process.exitCode = 1
})
