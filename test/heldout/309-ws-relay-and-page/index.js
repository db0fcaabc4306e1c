const http = require('http');
const fs = require('fs');
const path = require('path');
const { WebSocketServer, WebSocket } = require('ws');

const WS_PORT = 8081;
const PAGE_PORT = 8088;

// everyone in the room draws on the same board
const wss = new WebSocketServer({ port: WS_PORT, maxPayload: 64 * 1024 });

wss.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    for (const client of wss.clients) {
      if (client !== socket && client.readyState === WebSocket.OPEN) {
        client.send(data, { binary: isBinary });
      }
    }
  });
});

// the page is served through the reverse proxy, so it stays local
const page = http.createServer((req, res) => {
  const file = req.url === '/board.js' ? 'board.js' : 'index.html';
  res.setHeader('content-type', file.endsWith('.js') ? 'text/javascript' : 'text/html');
  fs.createReadStream(path.join(__dirname, 'public', file)).pipe(res);
});

// page.listen(PAGE_PORT, '0.0.0.0');
page.listen(PAGE_PORT, '127.0.0.1', () => {
  console.log(`page on ${PAGE_PORT}, relay on ${WS_PORT}`);
});
