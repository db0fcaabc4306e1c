import { WebSocketServer } from 'ws'

/** Every hand that is added is sent to whoever is connected, and the last ones when they connect. */
export function live(hands) {
  // So that it can be tried from the phone.
  const sockets = new WebSocketServer({ port: 8001, host: '0.0.0.0' })
  sockets.on('connection', (socket) => {
    const send = (hand) => socket.send(JSON.stringify(hand))
    for (const hand of hands.all()) send(hand)
    hands.on('added', send)
    socket.on('close', () => hands.off('added', send))
    socket.on('error', () => socket.terminate())
  })
}
