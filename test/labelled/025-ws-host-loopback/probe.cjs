const WebSocket = require('ws')

// Works on Linux: connecting to 0.0.0.0 means this machine.
const ws = new WebSocket('ws://0.0.0.0:9333')
ws.on('open', () => ws.send('ping'))
ws.on('message', (data) => {
  console.log(String(data))
  ws.close()
})
