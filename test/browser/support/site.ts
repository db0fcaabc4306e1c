import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A web site with pages of its own: the attacker's, or an allowed one. */
export class Site {
  readonly port: number
  readonly #server: Server
  readonly #pages = new Map<string, string>()

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('request', (request, response) => {
      const page = this.#pages.get(request.url ?? '')
      response.writeHead(page === undefined ? 404 : 200, { 'Content-Type': 'text/html; charset=utf-8', Connection: 'close' })
      response.end(page)
    })
  }

  static async start(address = '127.0.0.1', port = 0): Promise<Site> {
    const server = createServer()
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, address, resolve))
    return new Site(server)
  }

  /** Lays a page. Gives its path. */
  lay(path: string, html: string): string {
    this.#pages.set(path, `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${html}`)
    return path
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
