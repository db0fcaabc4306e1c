import { EventEmitter } from 'node:events'

type Handler = (payload: unknown) => void

/** A small typed bus. `listen` has nothing to do with sockets. */
export class Bus {
  private readonly emitter = new EventEmitter()

  listen(topic: string | number, handler?: Handler): () => void {
    const name = String(topic)
    const fn = handler ?? (() => {})
    this.emitter.on(name, fn)
    return () => this.emitter.off(name, fn)
  }

  say(topic: string, payload: unknown): void {
    this.emitter.emit(topic, payload)
  }
}
