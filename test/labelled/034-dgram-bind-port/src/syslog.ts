import dgram, { type RemoteInfo } from 'node:dgram'

const SYSLOG_PORT = 5514

const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true })

socket.on('message', (message: Buffer, from: RemoteInfo) => {
  const match = /^<(\d{1,3})>/.exec(message.toString('utf8'))
  console.log(from.address, match?.[1] ?? '?', message.length)
})

socket.on('error', (error) => {
  console.error(error)
  socket.close()
})

socket.bind(SYSLOG_PORT)
