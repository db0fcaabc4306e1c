import { createServer } from 'node:http';
import { enqueue, pending } from './queue.js';

const host = process.env.HOST ?? '127.0.0.1';
const port = Number(process.env.PORT ?? 8080);

const server = createServer(async (req, res) => {
  res.setHeader('content-type', 'application/json');
  if (req.method === 'POST' && req.url === '/jobs') {
    let body = '';
    for await (const chunk of req) body += chunk;
    res.statusCode = 202;
    res.end(JSON.stringify({ position: enqueue(JSON.parse(body)) }));
    return;
  }
  res.end(JSON.stringify({ printer: process.env.PRINTER_NAME, pending: pending() }));
});

server.listen(port, host, () => console.log(`badge-printer at http://${host}:${port}`));
