import type { PortRange, Protocol } from '../evidence/index.ts'

/** A service as `sallyport init` saw it. */
export interface SeenService {
  readonly name: string
  readonly ports: readonly PortRange[]
  readonly protocols: readonly Protocol[]
  /** What its owner is taken to mean; a person has to look at it. */
  readonly from: 'loopback' | 'host' | 'private' | 'internet'
  readonly run?: { readonly by: 'pm2' | 'compose' | 'systemd'; readonly name: string }
  readonly domains?: readonly string[]
  readonly routes?: readonly { readonly path: string; readonly service: string }[]
  /** Why it is written so, for a comment. */
  readonly notes: readonly string[]
}

/** A plain scalar that YAML 1.2 reads as the same text, else in double quotes. */
function scalar(text: string): string {
  return /^[A-Za-z_][\w.-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text)
}

const MOST_IN_A_LINE = 2

/** Whether a browser runs where a service does, no file tells: the services that need a guard are named by a person. */
const GUARDED: readonly string[] = [
  '# A browser reaches what is for its own machine too: give an HTTP service  http: {}  where one runs beside it, and check looks for a guard',
  '# in the service’s code (guard-missing).',
]

/** A commented policy. Names are made unique by the caller. */
export function writePolicy(name: string, services: readonly SeenService[]): string {
  const lines = [
    '# Who may reach what. `sallyport check` compares this with what is really there.',
    '# Written from what was seen: read every `from` and all `routes`, and correct what is not meant.',
    '#   loopback: this machine only · host: its containers too · private: neighbours in its networks · internet: everybody',
    ...(services.some(({ from }) => from === 'loopback') ? GUARDED : []),
    'version: 1',
    `name: ${scalar(name)}`,
    '',
    'services:',
  ]
  for (const service of services) {
    for (const note of service.notes) lines.push(`  # ${note.replace(/[\r\n]+/g, ' ')}`)
    lines.push(`  ${scalar(service.name)}:`)
    lines.push(`    port: ${service.ports.length === 1 ? rangeText(service.ports[0]) : `[${service.ports.map(rangeText).join(', ')}]`}`)
    if (service.protocols.length !== 1 || service.protocols[0] !== 'tcp')
      lines.push(`    protocol: ${service.protocols.length === 1 ? service.protocols[0] : `[${service.protocols.join(', ')}]`}`)
    lines.push(`    from: ${service.from}`)
    const { domains = [] } = service
    if (domains.length > 0) lines.push(`    domain: ${domains.length === 1 ? domains.join() : `[${domains.join(', ')}]`}`)
    // Containers may have the port of another service: that compose runs it has to be said.
    if (service.run !== undefined && (service.run.by === 'compose' || service.run.name !== service.name))
      lines.push(`    run: { ${service.run.by}: ${scalar(service.run.name)} }`)
    const routes = (service.routes ?? []).map((route) => `${JSON.stringify(route.path)}: ${scalar(route.service)}`)
    if (routes.length > MOST_IN_A_LINE) lines.push('    routes:', ...routes.map((route) => `      ${route}`))
    else if (routes.length > 0) lines.push(`    routes: { ${routes.join(', ')} }`)
  }
  return `${lines.join('\n')}\n`
}

function rangeText(range: PortRange | undefined): string {
  if (range === undefined) return ''
  return range.first === range.last ? String(range.first) : `${range.first}-${range.last}`
}
