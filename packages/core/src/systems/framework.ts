import type { Protocol } from '../evidence/index.ts'

/** What one way of starting a server does when its user says nothing of the host. A row of a table of facts. */
export interface FrameworkDefault {
  /** Stable: `express`, `node:http`, `uvicorn`. */
  readonly id: string
  readonly title: string
  readonly kind: 'javascript' | 'python' | 'go' | 'program'
  readonly protocol: Protocol
  /** The call or command as people write it, for the reference page. */
  readonly example: string
  /** `*`: every interface, both families (`0.0.0.0` where only IPv4 is bound); `localhost`; or an address. */
  readonly defaultHost: '*' | '0.0.0.0' | 'localhost' | '127.0.0.1' | '::'
  readonly defaultPort?: number
  /** Where it is written: documentation page and heading, or the source file and symbol with the version that was read. */
  readonly source: string
}
