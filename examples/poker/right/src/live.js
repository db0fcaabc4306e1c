import { WebSocketServer } from 'ws'

/** Every hand that is added is sent to whoever is connected to /live, and the last ones when they connect. */
export function live(server, hands) {
  const sockets = new WebSocketServer({ server, path: '/live', maxPayload: 1024 })
  sockets.on('connection', (socket) => {
    const send = (hand) => socket.send(JSON.stringify(hand))
    for (const hand of hands.all()) send(hand)
    hands.on('added', send)
    socket.on('close', () => hands.off('added', send))
    socket.on('error', () => socket.terminate())
  })
}
