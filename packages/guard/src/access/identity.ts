/** Who sent a request, as far as it has been proved. */
export interface Identity {
  /** The name of the caller whose internal key it is. */
  readonly caller?: string
  /** The claims of its token (RFC 7519 §4), after every check. */
  readonly claims?: Readonly<Record<string, unknown>>
}

const known = new WeakMap<object, Identity>()

/** Remembers who sent a request: of HTTP/2 a stream. */
export function remember(request: object, identity: Identity): void {
  known.set(request, identity)
}

/** Of a request (or the stream of one) that the guard let through. Empty when nothing was asked. */
export function identityOf(request: object): Identity {
  const { stream } = request as { stream?: unknown }
  return known.get(request) ?? (typeof stream === 'object' && stream !== null ? known.get(stream) : undefined) ?? {}
}
