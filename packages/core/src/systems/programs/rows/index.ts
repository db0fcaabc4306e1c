import type { Program } from '../row.ts'
import { ANALYSIS_PROGRAMS } from './analysis.ts'
import { APPLICATION_PROGRAMS } from './applications.ts'
import { DATASTORE_PROGRAMS } from './datastores.ts'
import { FRONTEND_PROGRAMS } from './frontend.ts'
import { GATEWAY_PROGRAMS } from './gateways.ts'
import { MODEL_PROGRAMS } from './models.ts'
import { PYTHON_PROGRAMS } from './python.ts'
import { SITE_PROGRAMS } from './sites.ts'
import { STATIC_PROGRAMS } from './static.ts'
import { TOOL_PROGRAMS } from './tools.ts'

/** Every server program whose own command line decides where it listens. */
export const PROGRAMS: readonly Program[] = [
  ...PYTHON_PROGRAMS,
  ...GATEWAY_PROGRAMS,
  ...FRONTEND_PROGRAMS,
  ...APPLICATION_PROGRAMS,
  ...SITE_PROGRAMS,
  ...STATIC_PROGRAMS,
  ...DATASTORE_PROGRAMS,
  ...TOOL_PROGRAMS,
  ...MODEL_PROGRAMS,
  ...ANALYSIS_PROGRAMS,
]

const BY_NAME = byKey((program) => program.names)
const BY_MODULE = byKey((program) => program.modules ?? [])

function byKey(keys: (program: Program) => readonly string[]): ReadonlyMap<string, readonly Program[]> {
  const table = new Map<string, Program[]>()
  for (const program of PROGRAMS) for (const key of keys(program)) table.set(key, [...(table.get(key) ?? []), program])
  return table
}

/** The rows of a program, by the last part of its path. */
export function programsNamed(name: string): readonly Program[] {
  return BY_NAME.get(name) ?? []
}

/** The rows of what `python -m` starts. */
export function programsOfModule(module: string): readonly Program[] {
  return BY_MODULE.get(module) ?? []
}
