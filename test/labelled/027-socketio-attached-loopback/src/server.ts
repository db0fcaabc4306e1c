import { createServer } from 'node:http'
import express from 'express'
import { Server as SocketServer } from 'socket.io'

const app = express()
const httpServer = createServer(app)
const io = new SocketServer(httpServer, {
  cors: { origin: ['http://localhost:5173', 'http://0.0.0.0:5173'] },
})

io.on('connection', (socket) => {
  socket.on('stroke', (stroke: unknown) => socket.broadcast.emit('stroke', stroke))
})

const loopback = '127.0.0.1'
httpServer.listen(3005, loopback, () => console.log('whiteboard on 3005'))
