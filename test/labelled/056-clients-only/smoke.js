import http from 'node:http'
import net from 'node:net'
import { once } from 'node:events'

const targets = [
  { name: 'api', host: '0.0.0.0', port: 8000 },
  { name: 'redis', host: '127.0.0.1', port: 6379 },
]

for (const { name, host, port } of targets) {
  const socket = net.connect({ host, port, timeout: 1000 })
  try {
    await once(socket, 'connect')
    console.log(name, 'listening on', `${host}:${port}`)
  } catch (error) {
    console.log(name, 'not listening', error.code)
  } finally {
    socket.destroy()
  }
}

http.get({ host: '0.0.0.0', port: 3000, path: '/health' }, (res) => console.log(res.statusCode)).on('error', () => {})
