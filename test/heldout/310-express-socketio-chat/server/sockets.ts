import type { Server } from 'socket.io';

export function registerSockets(io: Server): void {
  io.on('connection', (socket) => {
    socket.on('join', (room: string) => {
      void socket.join(room);
      socket.to(room).emit('joined', socket.id);
    });

    socket.on('message', ({ room, text }: { room: string; text: string }) => {
      io.to(room).emit('message', { from: socket.id, text, at: Date.now() });
    });
  });
}
