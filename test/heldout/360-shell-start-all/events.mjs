import { WebSocketServer } from 'ws';

const wss = new WebSocketServer({
  host: process.env.HOST || '127.0.0.1',
  port: Number(process.env.PORT || 4001),
});

async function push() {
  const response = await fetch('http://127.0.0.1:8901/').catch(() => undefined);
  if (!response) return;
  const text = await response.text();
  for (const client of wss.clients) client.send(text);
}

setInterval(push, 1000);
