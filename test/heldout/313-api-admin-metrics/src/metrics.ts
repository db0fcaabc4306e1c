import http from 'node:http';
import { METRICS_PORT } from './config.js';

const counters = new Map<string, number>();

export function count(name: string): void {
  counters.set(name, (counters.get(name) ?? 0) + 1);
}

export function startMetrics(): http.Server {
  const server = http.createServer((_req, res) => {
    res.setHeader('content-type', 'text/plain; version=0.0.4');
    for (const [name, value] of counters) res.write(`${name}_total ${value}\n`);
    res.end();
  });
  return server.listen(METRICS_PORT, 'localhost');
}
