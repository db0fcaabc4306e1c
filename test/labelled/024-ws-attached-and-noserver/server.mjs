import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const server = createServer((_req, res) => res.end('terminal share'))

// Two endpoints on one port. Neither listens by itself.
const shell = new WebSocketServer({ noServer: true })
const events = new WebSocketServer({ noServer: true, perMessageDeflate: false })

shell.on('connection', (ws) => ws.send('$ '))
events.on('connection', (ws) => ws.send('{}'))

server.on('upgrade', (req, socket, head) => {
  const target = req.url === '/shell' ? shell : req.url === '/events' ? events : undefined
  if (!target) return socket.destroy()
  target.handleUpgrade(req, socket, head, (ws) => target.emit('connection', ws, req))
})

const bind = ['127.0.0.1', 8200]
const [host, port] = bind
server.listen(port, host)
