import type { Duplex } from 'node:stream'

const FINISHED = Symbol('sallyport.finished')

type Connection = Duplex & { [FINISHED]?: true }

/**
 * RFC 9112 §9.6: what comes behind an answer with `Connection: close` is not processed. Node's parser goes on reading until the answer is out, so that
 * a request behind a refused one, or hidden in its body, would get to the handler.
 */
export function finish(connection: Duplex | null): void {
  if (connection !== null) (connection as Connection)[FINISHED] = true
}

export function isFinished(connection: Duplex | null): boolean {
  return connection !== null && (connection as Connection)[FINISHED] === true
}
