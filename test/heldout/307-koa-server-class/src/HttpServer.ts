import { createServer, type Server } from 'node:http';
import Koa from 'koa';

export interface HttpServerOptions {
  port: number;
  shutdownTimeoutMs?: number;
}

export class HttpServer {
  readonly app = new Koa();
  private server?: Server;

  constructor(private readonly options: HttpServerOptions) {}

  async start(): Promise<void> {
    this.server = createServer(this.app.callback());
    await new Promise<void>((resolve, reject) => {
      this.server!.once('error', reject);
      this.server!.listen(this.options.port, () => resolve());
    });
  }

  async stop(): Promise<void> {
    const timer = setTimeout(() => this.server?.closeAllConnections(), this.options.shutdownTimeoutMs ?? 5000);
    await new Promise<void>((resolve) => this.server?.close(() => resolve()) ?? resolve());
    clearTimeout(timer);
  }
}
