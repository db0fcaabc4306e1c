import type { FrameworkDefault } from '../framework.ts'

/** Where a call says what is bound. */
export interface GoCall {
  /** `net/http.ListenAndServe`, or of a method `net/http.Server#ListenAndServe`; paths without versions. */
  readonly name: string
  /** The argument (0 is the first) that holds `host:port`; or what a `net.TCPAddr` does. */
  readonly address?: number
  /** The field of what it is called on, or of the argument `of`, that holds it. */
  readonly field?: { readonly name: string; readonly of?: number; readonly network?: string }
  /** The argument that names the network: `tcp`, `tcp4`, `unix`. */
  readonly network?: number
  /** The address may be left out. */
  readonly optional?: true
}

/** How Go code starts a server, and what is bound when nothing is said. A row of a table of facts. */
export interface GoFramework extends FrameworkDefault {
  readonly kind: 'go'
  readonly calls: readonly GoCall[]
  /** A variable that gives the port where the call says nothing. */
  readonly portVariable?: string
}

export function row(given: Omit<GoFramework, 'kind' | 'protocol'> & { readonly protocol?: GoFramework['protocol'] }): GoFramework {
  return { kind: 'go', protocol: 'tcp', ...given }
}
