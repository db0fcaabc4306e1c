import { createServer } from 'node:http';
import express from 'express';
import { Server } from 'socket.io';
import { registerSockets } from './sockets.js';

const PORT = process.env.PORT ? Number(process.env.PORT) : 3055;
const ORIGIN = process.env.CLIENT_ORIGIN ?? 'http://localhost:5173';

const app = express();
app.get('/health', (_req, res) => {
  res.json({ uptime: process.uptime() });
});

const httpServer = createServer(app);
const io = new Server(httpServer, {
  cors: { origin: ORIGIN, methods: ['GET', 'POST'] },
});

registerSockets(io);

httpServer.listen(PORT, () => {
  console.log(`chat server listening on *:${PORT}`);
});
