import { PORT_LEVELS, PORT_USES, PORTS_TO_AVOID } from '@sallyport/core/audit'
import type { FreePort, UsedPort } from '../query/ports.ts'
import { VERSION } from '../version.ts'

/** What `ports` says as plain data, version 1: fields are added within a version, never renamed or taken away (docs/schema/ports.schema.json). */
export function portsData(used: readonly UsedPort[], free: readonly FreePort[]) {
  return {
    version: 1 as const,
    tool: { name: 'sallyport', version: VERSION },
    levels: PORT_LEVELS,
    uses: PORT_USES,
    avoid: PORTS_TO_AVOID,
    inUse: used,
    free,
  }
}
