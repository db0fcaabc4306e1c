import { createServer, type Server } from 'node:http'
import { once } from 'node:events'

export interface SinkOptions {
  host: string
  port: number
  maxSamples: number
}

const DEFAULTS: SinkOptions = {
  host: '0.0.0.0',
  port: 8100,
  maxSamples: 10_000,
}

export class MetricsSink {
  private readonly options: SinkOptions
  private readonly server: Server
  private readonly samples: string[] = []

  constructor(options: Partial<SinkOptions> = {}) {
    this.options = { ...DEFAULTS, ...options }
    this.server = createServer((req, res) => {
      if (this.samples.length < this.options.maxSamples) this.samples.push(req.url ?? '/')
      res.writeHead(204).end()
    })
  }

  async start(): Promise<void> {
    this.server.listen(this.options.port, this.options.host)
    await once(this.server, 'listening')
  }
}
