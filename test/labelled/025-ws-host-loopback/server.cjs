const WebSocket = require('ws')

const wss = new WebSocket.Server({
  host: '127.0.0.1',
  port: 9333,
})

wss.on('connection', (ws) => {
  ws.on('message', (data) => ws.send(data))
})
