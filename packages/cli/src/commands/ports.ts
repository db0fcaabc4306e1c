import type { AuditReport } from '@sallyport/core/audit'
import { EXIT } from '../exit.ts'
import { look, type LookOptions } from './look.ts'
import { freePorts, portsInUse } from '../query/ports.ts'

export interface PortsOptions extends LookOptions {
  readonly format: 'text' | 'json'
}

/** `sallyport ports [folder]`: the port levels, the ports in use and by whom, and ports that nothing here uses (V1, V7). */
export async function ports(folder: string, options: PortsOptions): Promise<number> {
  const report: AuditReport = await look(folder, options)
  const used = portsInUse(report)
  const free = freePorts(report, used)
  if (options.format === 'json') {
    const { portsData } = await import('../report/ports-data.ts')
    process.stdout.write(`${JSON.stringify(portsData(used, free), null, 2)}\n`)
  } else {
    const { portsText } = await import('../report/ports.ts')
    process.stdout.write(portsText(used, free))
  }
  return EXIT.clean
}
