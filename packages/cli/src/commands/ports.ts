import { type AuditReport, type PortLevel, PORT_LEVELS, PORT_USES, portLevel, PORTS_TO_AVOID, portUse } from '@sallyport/core/audit'
import type { PortRange } from '@sallyport/core/evidence'
import { EXIT } from '../exit.ts'
import { look, type LookOptions } from './look.ts'

export interface PortsOptions extends LookOptions {
  readonly format: 'text' | 'json' | 'sarif'
}

/** `sallyport ports [folder]`: the port levels, the ports in use and by whom (V1, V7). */
export async function ports(folder: string, options: PortsOptions): Promise<number> {
  const used = inUse(await look(folder, options))
  if (options.format === 'json')
    process.stdout.write(
      `${JSON.stringify({ version: 1, levels: PORT_LEVELS, uses: PORT_USES, avoid: PORTS_TO_AVOID, inUse: used }, null, 2)}\n`,
    )
  else process.stdout.write(`${[levels(), avoided(), usedText(used)].join('\n\n')}\n`)
  return EXIT.clean
}

interface UsedPort {
  readonly port: number
  readonly protocol: string
  readonly service: string
  readonly state: 'in use' | 'declared' | 'configured'
  readonly by: string
  readonly level: PortLevel['level']
}

function inUse(report: AuditReport): readonly UsedPort[] {
  const found = new Map<string, UsedPort>()
  const add = (port: number, protocol: string, service: string, state: UsedPort['state'], by: string): void => {
    const key = `${protocol} ${port} ${service}`
    if (!found.has(key)) found.set(key, { port, protocol, service, state, by, level: portLevel(port).level })
  }
  for (const row of report.rows) {
    for (const { endpoint } of row.now) {
      const pid = endpoint.sockets[0]?.claim.processes[0]
      const process = row.processes.find((item) => item.claim.pid === pid)?.claim
      add(
        endpoint.port,
        endpoint.protocol,
        row.name,
        'in use',
        row.container?.claim.name ?? (process === undefined ? 'a process that was not seen' : `${process.name}, pid ${process.pid}`),
      )
    }
    for (const range of row.declared?.ports ?? [])
      if (range.first === range.last)
        for (const protocol of row.declared?.protocols ?? []) add(range.first, protocol, row.name, 'declared', 'the policy')
    for (const plan of row.planned)
      if (plan.port !== undefined && plan.port > 0)
        add(plan.port, plan.protocol, row.name, 'configured', plan.launch?.claim.by ?? plan.bind?.claim.framework ?? '')
  }
  return [...found.values()].toSorted((a, b) => a.port - b.port)
}

function levels(): string {
  const rows = PORT_LEVELS.map(
    (level) =>
      `  ${level.level}  ${level.title.padEnd(8)} risk ${level.risk.padEnd(8)} scanned: ${level.scanProbability.padEnd(14)} ${ranges(level.ports)}${level.added.length === 0 ? '' : ` (and, by the same reasoning, ${ranges(level.added)})`}`,
  )
  return ['Port levels', ...rows, ...PORT_USES.map((use) => `     for ${use.use.padEnd(12)} ${ranges([use.ports])}`)].join('\n')
}

function ranges(list: readonly PortRange[]): string {
  return list.map((range) => (range.first === range.last ? String(range.first) : `${range.first}–${range.last}`)).join(', ')
}

function avoided(): string {
  return [
    'Ports to avoid',
    ...PORTS_TO_AVOID.map((item) => `  ${String(item.port).padEnd(6)}${item.service.padEnd(8)}${item.reason}`),
  ].join('\n')
}

function usedText(used: readonly UsedPort[]): string {
  if (used.length === 0) return 'No port is in use or declared here.'
  return [
    'Ports here',
    ...used.map(
      (item) =>
        `  ${String(item.port).padEnd(6)}${item.protocol}  level ${item.level}${portUse(item.port) === undefined ? '' : ` (${portUse(item.port)})`}  ${item.state}: ${item.service}${item.by === '' ? '' : `, ${item.by}`}`,
    ),
  ].join('\n')
}
