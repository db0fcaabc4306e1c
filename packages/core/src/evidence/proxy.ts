/** One server block of a proxy. */
export interface ProxyServer {
  readonly names: readonly string[]
}
