import { createServer } from 'node:http';

function option(name, fallback) {
  const index = process.argv.indexOf(`--${name}`);
  return index === -1 ? fallback : process.argv[index + 1];
}

const host = option('host', '0.0.0.0');
const port = Number(option('port', '7100'));

createServer((req, res) => {
  const match = /^\/(\d+)\/(\d+)\/(\d+)\.svg$/.exec(req.url ?? '');
  if (!match) {
    res.writeHead(404).end();
    return;
  }
  const [, z, x, y] = match;
  res.writeHead(200, { 'content-type': 'image/svg+xml' });
  res.end(`<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"><text y="20">${z}/${x}/${y}</text></svg>`);
}).listen(port, host);
