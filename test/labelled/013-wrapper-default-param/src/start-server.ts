import type { Express } from 'express';
import type { Server } from 'node:http';

export function startServer(
  name: string,
  app: Express,
  port: number,
  host = '127.0.0.1',
): Server {
  return app.listen(port, host, () => {
    console.log(`[${name}] Server running on http://${host}:${port}`);
  });
}
