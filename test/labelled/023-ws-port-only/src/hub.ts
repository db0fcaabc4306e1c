import { WebSocketServer, type WebSocket } from 'ws'

const PORT = Number(process.env.WS_PORT ?? 8081)

const hub = new WebSocketServer({ port: PORT, maxPayload: 64 * 1024 })

const rooms = new Map<string, Set<WebSocket>>()

hub.on('connection', (socket: WebSocket, request: { url?: string }) => {
  const room = new URL(request.url ?? '/', 'ws://localhost').pathname
  const members = rooms.get(room) ?? new Set<WebSocket>()
  rooms.set(room, members.add(socket))
  socket.on('close', () => members.delete(socket))
})

hub.on('listening', () => console.log(`presence on ws://localhost:${PORT}`))
