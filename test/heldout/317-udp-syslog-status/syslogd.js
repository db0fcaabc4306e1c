import dgram from 'node:dgram';
import http from 'node:http';
import { parse } from './parse.js';

const SYSLOG_PORT = Number(process.env.SYSLOG_PORT) || 5514;
const STATUS_PORT = Number(process.env.STATUS_PORT) || 8514;

const recent = [];

const udp = dgram.createSocket('udp4');

udp.on('message', (message, remote) => {
  recent.push({ from: remote.address, ...parse(message.toString('utf8')) });
  if (recent.length > 500) recent.shift();
});

udp.on('listening', () => {
  const { address, port } = udp.address();
  console.log(`syslog on udp ${address}:${port}`);
});

udp.bind(SYSLOG_PORT);

http
  .createServer((req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify(recent.slice(-50)));
  })
  .listen(STATUS_PORT, '127.0.0.1');
