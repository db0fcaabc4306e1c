import type { FrameworkDefault } from '../framework.ts'

/** Where a call says something: by keyword, or by position (0 is the first). */
export interface Slot {
  readonly keywords?: readonly string[]
  readonly position?: number
}

/** One way of a framework to bind. */
export interface BindCall {
  /** Names as the evaluator writes them: `uvicorn.run`, `flask.Flask().run` for a method of what `flask.Flask` gives. */
  readonly names: readonly string[]
  readonly host?: Slot
  readonly port?: Slot
  /** Host and port in one: a pair, or a text `host:port`. */
  readonly endpoint?: Slot & { readonly bare?: 'host' | 'port' }
  /** Whatever is given here takes the place of host and port: a Unix socket, a descriptor, a socket that was bound before. */
  readonly elsewhere?: Slot
  /** Methods of what is made with this, and where they are given sockets that are bound already: those count then. */
  readonly served?: { readonly methods: readonly string[]; readonly sockets: Slot }
  /** An attribute of the argument that holds the endpoints: hypercorn's `config.bind`. */
  readonly attribute?: { readonly of: Slot; readonly name: string }
  /** A socket of a program that runs already, where the framework's other calls run a whole program. */
  readonly beside?: true
  /** Binds only where this is given, or `where` holds. */
  readonly needs?: Slot
  /** Binds only where this may be one of these: `run(transport="sse")`; or where `needs` is given. */
  readonly where?: { readonly slot: Slot; readonly is: readonly string[] }
  /** What Flask's SERVER_NAME gives where the call does not. */
  readonly serverName?: 'both' | 'port'
  /** What the call does not give, the object was made with, or has in this attribute. */
  readonly object?: { readonly settings?: string }
  /** What `None` binds, where it is not what leaving the host out binds. */
  readonly none?: '*'
  /** What the empty text binds; `*` unless said. */
  readonly every?: '0.0.0.0' | '::' | '*' | '127.0.0.1'
  /** Where the method's receiver cannot be told: taken for this framework when the file imports this package and has this about it. */
  readonly guess?: { readonly method: string; readonly imports: RegExp; readonly given?: 'host' | 'pair' | 'address' | 'named' | 'server' }
}

/** How Python code starts a server, and what is bound when nothing is said. A row of a table of facts. */
export interface PythonFramework extends FrameworkDefault {
  readonly kind: 'python'
  readonly calls: readonly BindCall[]
  /** Variables that the framework reads itself. */
  readonly hostVariable?: string
  readonly portVariable?: string
  /** What earlier versions of its package did otherwise, the earliest first. */
  readonly earlier?: { readonly package: string; readonly versions: readonly EarlierVersion[] }
}

export interface EarlierVersion extends Pick<PythonFramework, 'defaultHost' | 'defaultPort' | 'hostVariable' | 'portVariable'> {
  /** The first version that does not do so. */
  readonly below: string
}

export function row(
  given: Omit<PythonFramework, 'kind' | 'protocol'> & { readonly protocol?: PythonFramework['protocol'] },
): PythonFramework {
  return { kind: 'python', protocol: 'tcp', ...given }
}
