import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';

const host = process.env.LISTEN_HOST ?? '0.0.0.0';
const port = Number(process.env.LISTEN_PORT ?? 3300);

const server = createServer(async (request, response) => {
  if (request.url !== '/settings') {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('content-type', 'application/json');
  response.end(await readFile(new URL('./settings.json', import.meta.url)));
});

server.listen(port, host, () => {
  console.log(`settings service on http://${host}:${port}/settings`);
});
