import { Server } from 'socket.io'

const io = new Server(3001, {
  cors: { origin: ['http://localhost:5173'] },
  pingInterval: 10_000,
})

io.on('connection', (socket) => {
  socket.on('answer', (answer) => {
    socket.broadcast.emit('answered', { id: socket.id, answer })
  })
})
