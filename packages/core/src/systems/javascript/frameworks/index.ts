import type { Form } from './form.ts'
import { PLATFORM_ROWS } from './platform.ts'
import type { ServerRow } from './row.ts'
import { SOCKETS_ROWS } from './sockets.ts'
import { TOOLS_ROWS } from './tools.ts'
import { WEB_ROWS } from './web.ts'

export { CONFIGURATION_ROWS } from './configurations.ts'
export { type ConfigurationRow, HONO, HONO_METHODS, type ServerRow } from './row.ts'

export const SERVER_ROWS: readonly ServerRow[] = [...PLATFORM_ROWS, ...WEB_ROWS, ...SOCKETS_ROWS, ...TOOLS_ROWS]

/** The rows by their id. */
export const SERVERS: ReadonlyMap<string, ServerRow> = new Map(SERVER_ROWS.map((item) => [item.id, item]))

/** The kind of server that a method or property of a server gives. */
export function serverGivenBy(type: string, name: string): string | undefined {
  const gives = SERVERS.get(type)?.gives
  return gives !== undefined && Object.hasOwn(gives, name) ? gives[name] : undefined
}

const byName = (names: (item: ServerRow) => readonly string[]): ReadonlyMap<string, string> =>
  new Map(SERVER_ROWS.flatMap((item) => names(item).map((name) => [name, item.id] as const)))

/** What is called or constructed → the row that it makes. */
export const MAKERS = byName((item) => item.makers)

/** Type in TypeScript → the row of its values. */
export const TYPES = byName((item) => item.types ?? [])

export interface CallRow {
  readonly row: ServerRow
  readonly reads: Form
}

/** What listens when it is called or constructed itself. */
export const CALLS: ReadonlyMap<string, CallRow> = new Map(
  SERVER_ROWS.flatMap((item) =>
    item.binds.flatMap((bind) => ('call' in bind ? [[bind.call, { row: item, reads: bind.reads }] as const] : [])),
  ),
)

/** The methods by which any server is made to listen. */
export const METHODS: ReadonlySet<string> = new Set(
  SERVER_ROWS.flatMap((item) => item.binds.flatMap((bind) => ('method' in bind ? [bind.method] : []))),
)
