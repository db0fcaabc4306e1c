import http from 'node:http'
import net from 'node:net'

// Each on its own loopback address, so that neither needs 0.0.0.0 or ::
http.createServer((_req, res) => res.end('v6')).listen(8610, '::1')
net.createServer((socket) => socket.end('v4\n')).listen({ port: 8611, host: '127.0.0.2' })
