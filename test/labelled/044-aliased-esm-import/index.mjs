import { createServer as makeHttp } from 'node:http'
import { port as webPort } from './ports.mjs'

const site = makeHttp((_req, res) => {
  res.setHeader('content-type', 'text/plain')
  res.end('User-agent: *\nDisallow: /\n')
})

site.listen(webPort, function onListening() {
  console.log('robots.txt at http://127.0.0.1:' + webPort)
})
