const { Server } = require('socket.io')
const { realtimePort } = require('./ports')

const io = new Server({ serveClient: false })

io.of('/cursors').on('connection', (socket) => {
  socket.on('move', (pos) => socket.volatile.broadcast.emit('move', pos))
})

io.listen(realtimePort)
console.log('cursor sync on 127.0.0.1:%d', realtimePort)
