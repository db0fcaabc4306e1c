import type { ServiceRow } from '@sallyport/core/audit'
import type { PortRange, Protocol } from '@sallyport/core/evidence'
import { isLoopback } from '@sallyport/core/network'

/** Publishing as it is to be written so that only this machine comes to the container's port: as compose files have it, or for `docker run`. */
export function loopbackPublishing(row: ServiceRow, protocol: Protocol, containerPort: number): readonly string[] {
  const ports = (row.container?.claim.published ?? []).filter(
    (item) => item.protocol === protocol && has(item.containerPorts, containerPort) && !isLoopback(item.hostAddress),
  )
  const isCompose = row.compose !== undefined || row.container?.claim.compose !== undefined
  return distinct(ports.map(({ hostPorts, containerPorts }) => written(hostPorts, containerPorts, protocol, isCompose ? 'list' : 'option')))
}

/** The same of what files publish at a port of the machine. */
export function loopbackPublishingOfFiles(row: ServiceRow, protocol: Protocol, hostPort: number | undefined): readonly string[] {
  const ports = row.containers.flatMap(({ claim }) =>
    claim.published.filter((item) => item.protocol === protocol && hostPort !== undefined && item.hostPorts?.first === hostPort),
  )
  const isCommand = row.launches.some(({ claim }) => claim.by === 'docker-run')
  return distinct(
    ports.flatMap(({ hostPorts, containerPorts, origin }) => {
      const form = isCommand ? 'option' : /^\s*-/.test(origin.line) ? 'item' : 'list'
      return hostPorts === undefined ? [] : [written(hostPorts, containerPorts, protocol, form)]
    }),
  )
}

/** An option of `docker run`; in a compose file the whole list, or one item of it on a line of its own. */
type Form = 'option' | 'list' | 'item'

const FORMS: Readonly<Record<Form, (text: string) => string>> = {
  option: (text) => `--publish ${text}`,
  list: (text) => `ports: ["${text}"]`,
  item: (text) => `- "${text}"`,
}

/** As Docker's short syntax has it; TCP is its default. */
function written(hostPorts: PortRange, containerPorts: PortRange, protocol: Protocol, form: Form): string {
  const text = `127.0.0.1:${rangeText(hostPorts)}:${rangeText(containerPorts)}${protocol === 'tcp' ? '' : `/${protocol}`}`
  return FORMS[form](text)
}

function rangeText({ first, last }: PortRange): string {
  return first === last ? `${first}` : `${first}-${last}`
}

function has({ first, last }: PortRange, port: number): boolean {
  return first <= port && port <= last
}

function distinct(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)]
}
