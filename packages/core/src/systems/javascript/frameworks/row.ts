import type { FrameworkDefault } from '../../framework.ts'
import type { Form } from './form.ts'

/**
 * One way of starting a server: what makes it, and which call makes it listen. Names are written as `Meaning` writes
 * them: `express`, `node:http#createServer`, `#Bun.serve`. Adding a framework is adding a row.
 */
export interface ServerRow extends FrameworkDefault {
  readonly kind: 'javascript'
  /** What gives the server when called or constructed. */
  readonly makers: readonly string[]
  /** Its types in TypeScript, for values that nothing else tells. */
  readonly types?: readonly string[]
  /** Methods and properties of it that give another kind of server. */
  readonly gives?: Readonly<Record<string, string>>
  /** Another row holds where this is among the arguments of the maker. */
  readonly variant?: { readonly given: string; readonly row: string }
  readonly binds: readonly BindCall[]
}

/** `method`: of the server that was made. `call`: of this name itself, called or constructed. */
export type BindCall = { readonly method: string; readonly reads: Form } | { readonly call: string; readonly reads: Form }

/** A file whose default export tells a program where to listen. */
export interface ConfigurationRow extends FrameworkDefault {
  readonly kind: 'javascript'
  readonly file: RegExp
  /** Tried on the text before the file is parsed. */
  readonly contains?: RegExp
  readonly inside: readonly string[]
  /** The options' names; `host` and `port` unless said. */
  readonly host?: string
  readonly port?: string
  /** Without these the export is something else. */
  readonly requires?: readonly string[]
  /** With one of these as well. */
  readonly excludes?: readonly string[]
  /** What a package makes (as in `ServerRow`) that may be exported in the place of options. */
  readonly alone?: readonly string[]
  /** The interpreter that listens for a file which is run; without a port nothing else tells that the export is meant for it. */
  readonly runtime?: string
  /** Where a host is taken from when it is not given inside. */
  readonly hostElsewhere?: readonly string[]
  /**
   * How scripts of a package.json start the program. Where one does, a file that cannot be followed leaves open where it listens; where none
   * does, a file that gives no host tells nothing.
   */
  readonly starts?: RegExp
  /** Hosts that are words of the program's own for addresses of the machine. */
  readonly everywhere?: readonly string[]
  /** Variables that the program looks at before the file, the first that is set. */
  readonly hostVariables?: readonly string[]
  readonly portVariables?: readonly string[]
  /** Those that it looks at where the file gives no port. */
  readonly portOtherwise?: readonly string[]
}

/** Applications that are handed to a server whole. */
export const HONO = ['hono#Hono', 'hono/tiny#Hono', 'hono/quick#Hono', '@hono/zod-openapi#OpenAPIHono'] as const

/** Their methods that give back an application (hono, src/hono-base.ts; @hono/zod-openapi, src/index.ts). */
export const HONO_METHODS: ReadonlySet<string> = new Set([
  ...['get', 'post', 'put', 'delete', 'options', 'patch', 'all', 'on', 'use'],
  ...['route', 'basePath', 'mount', 'notFound', 'onError', 'openapi', 'doc', 'doc31'],
])

/** Where Bun takes a port from that the code does not give. */
export const BUN_PORTS = ['BUN_PORT', 'PORT', 'NODE_PORT'] as const

const NET: Form = { form: 'net' }
export const LISTEN: readonly BindCall[] = [{ method: 'listen', reads: NET }]
export const SERVE_OPTIONS = {
  form: 'options',
  port: 'port',
  host: 'hostname',
  unless: ['unix', 'path'],
  alone: HONO,
} as const satisfies Form

export const row = (given: Omit<ServerRow, 'kind' | 'protocol'> & { readonly protocol?: ServerRow['protocol'] }): ServerRow => ({
  kind: 'javascript',
  protocol: 'tcp',
  ...given,
})
