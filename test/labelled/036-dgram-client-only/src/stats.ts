import { createSocket, type Socket } from 'node:dgram'

/** Fire-and-forget counters. Needs the statsd server to listen on 0.0.0.0:8125 or on this machine. */
export class Stats {
  private readonly socket: Socket = createSocket('udp4').unref()
  private readonly host: string
  private readonly port: number

  constructor(host = '127.0.0.1', port = 8125) {
    this.host = host
    this.port = port
  }

  increment(name: string): void {
    this.socket.send(`${name}:1|c`, this.port, this.host)
  }
}
