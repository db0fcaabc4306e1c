#!/usr/bin/env node
'use strict'
const net = require('net')

const PORT = 6379
const BACKLOG = 511

const store = new Map()

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.setEncoding('utf8')
  socket.on('data', (line) => {
    const [command, key, value] = line.trim().split(/\s+/)
    if (/^set$/i.test(command)) store.set(key, value), socket.write('+OK\r\n')
    else if (/^get$/i.test(command)) socket.write(`+${store.get(key) ?? ''}\r\n`)
    else socket.write('-ERR\r\n')
  })
  socket.on('error', () => socket.destroy())
})

server.listen(PORT, BACKLOG, () => {
  console.log('fake redis bound to', server.address())
})
