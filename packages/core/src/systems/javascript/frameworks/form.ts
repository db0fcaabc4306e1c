/** How a call says where to listen. */
export type Form =
  /** net.Server.listen: (port | path | handle | options, host, backlog, callback); without any of them, on the row's own port where `bare` says so. */
  | { readonly form: 'net'; readonly bare?: 'default' }
  /** dgram.Socket.bind: (port | options, address, callback). */
  | { readonly form: 'dgram' }
  /** One argument with named options. */
  | NamedOptions
  /** (port): a number listens on every interface; anything else is a server that someone else starts. */
  | { readonly form: 'port' }
  /** (port, host, …), each of which may be left out. */
  | { readonly form: 'port-host' }
  /** (address, …): `host:port` in one text. */
  | { readonly form: 'address' }
  /** Options that name a transport and its own options; `made`: those given when the server was made. */
  | { readonly form: 'transport'; readonly at: number; readonly made?: true }
  /** The options given when the server was made, `port` overridden by the first argument. */
  | { readonly form: 'made'; readonly inside: readonly string[]; readonly port: string; readonly host: string }

export interface NamedOptions {
  readonly form: 'options'
  /** Which argument it is; the first unless said. */
  readonly at?: number
  /** Leads from the argument to the options. */
  readonly inside?: readonly string[]
  readonly port: string
  readonly host: string
  /** The variables that are read where the call does not say it; an empty one is as good as none. */
  readonly variables?: { readonly host?: string; readonly port: readonly string[] }
  /** Listens only where this is given. */
  readonly only?: string
  /** Listens elsewhere, or not at all, where one of these is given. */
  readonly unless?: readonly string[]
  /** What may stand in the place of options: an application or handler alone. */
  readonly alone?: readonly string[]
  /** What gives options out of files and variables of the program's own; what they leave out is at its default. */
  readonly gathered?: readonly string[]
}
