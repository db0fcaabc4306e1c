import { ABSENT, type ComposeService, type ConfiguredPort, type FileOrigin, type PortRange, type Value } from '../../evidence/index.ts'
import { formatAddress, parseAddress } from '../../network/index.ts'
import { entry, originOf, type Tree } from '../yaml.ts'
import { finishPort, type PortReading, readPort, readRange } from './ports.ts'
import type { Variables } from './variables.ts'

/** The most ports that one item may come to by variables that are one of several. */
const OPTIONS = 16

type Report = (reason: string, origin: FileOrigin) => void

/** What an item of `ports` publishes; what it cannot be told of is reported. */
export function publishedBy(item: Tree, variables: Variables, report: Report): readonly ConfiguredPort[] {
  const origin = originOf(item)
  if (item.kind === 'mapping') return longForm(item, origin, variables, report)
  const value = variables.value(item)
  return options(value).flatMap((one) => shortForm(one, item.kind === 'scalar', origin, report))
}

function options(value: Value): readonly Value[] {
  if (value.kind === 'choice') return value.options.flatMap(options).slice(0, OPTIONS)
  if (value.kind !== 'joined') return [value]
  let texts: readonly (readonly Value[])[] = [[]]
  for (const part of value.parts) texts = texts.flatMap((before) => options(part).map((option) => [...before, option])).slice(0, OPTIONS)
  return texts.map((parts) =>
    parts.every((part) => part.kind === 'known' || part.kind === 'absent')
      ? {
          kind: 'known',
          value: parts.map((part) => (part.kind === 'known' ? String(part.value) : '')).join(''),
          origin: addressPlace(parts) ?? value.origin,
        }
      : { ...value, parts },
  )
}

/** Where what stands before the first colon is given, which is the address where there is one. */
function addressPlace([first, second]: readonly Value[]): FileOrigin | undefined {
  const isWhole = second?.kind === 'known' && String(second.value).startsWith(':')
  return first?.kind === 'known' && isWhole ? first.origin : undefined
}

function shortForm(value: Value, isText: boolean, origin: FileOrigin, report: Report): readonly ConfiguredPort[] {
  if (value.kind === 'known') return configured(readPort(String(value.value)), undefined, origin, report, value.origin)
  const [first, second, ...more] = value.kind === 'joined' ? value.parts : []
  const rest = second?.kind === 'known' && more.length === 0 ? String(second.value) : undefined
  if (first?.kind === 'unknown' && rest?.startsWith(':') === true) {
    // `${BIND}:8000:8000`: only the address is not known.
    if (rest.split(':').length === 3) return configured(readPort(rest.slice(1)), first, origin, report)
    // `${PORT}:8000`: only the port of the host is not known.
    report(`which port of the host is published is not known: ${first.reason}`, first.origin)
    return configured(readPort(rest.slice(1)), undefined, origin, report)
  }
  const address = first?.kind === 'known' ? /^(\[[^\]]*\]|[^:[\]]*):$/.exec(String(first.value))?.[1] : undefined
  const [, , last] = value.kind === 'joined' ? value.parts : []
  if (
    address !== undefined &&
    second?.kind === 'unknown' &&
    last?.kind === 'known' &&
    String(last.value).startsWith(':') &&
    value.kind === 'joined' &&
    value.parts.length === 3
  ) {
    // `127.0.0.1:${PORT}:8000`.
    report(`which port of the host is published is not known: ${second.reason}`, second.origin)
    return configured(readPort(`${address}:${String(last.value)}`), undefined, origin, report)
  }
  const why = [value, ...(value.kind === 'joined' ? value.parts : [])].find((part) => part.kind === 'unknown')
  const reason = why?.kind === 'unknown' ? why.reason : undefined
  report(`which port is published is not known${reason === undefined ? '' : `: ${reason}`}`, origin)
  // compose refuses what is no text.
  return isText ? [anyPort(reason ?? 'the text is not known', origin)] : []
}

/** It may be each of the container's, for anybody. */
function anyPort(reason: string, origin: FileOrigin): ConfiguredPort {
  return { protocol: 'tcp', hostAddress: { kind: 'unknown', reason, origin }, hostPorts: undefined, containerPorts: ANY_PORT, origin }
}

const ANY_PORT: PortRange = { first: 1, last: 65_535 }

/** `addressAt`: where an address that is known is given. */
function configured(
  reading: PortReading,
  address: Value | undefined,
  origin: FileOrigin,
  report: Report,
  addressAt = origin,
): readonly ConfiguredPort[] {
  if (reading.kind === 'invalid') report(`compose refuses this port: ${reading.reason}`, origin)
  if (reading.kind === 'other-protocol') report(`a port is published by ${reading.protocol}, which is not followed`, origin)
  if (reading.kind !== 'port') return []
  const { port } = reading
  const own: Value = port.address === undefined ? ABSENT : { kind: 'known', value: formatAddress(port.address), origin: addressAt }
  return [{ protocol: port.protocol, hostAddress: address ?? own, hostPorts: port.hostPorts, containerPorts: port.containerPorts, origin }]
}

/** `target`, `published`, `host_ip`, `protocol`, `mode` (compose-spec 05-services.md, ports, long syntax). */
function longForm(item: Tree, origin: FileOrigin, variables: Variables, report: Report): readonly ConfiguredPort[] {
  const field = (name: string): Value | undefined => {
    const tree = entry(item, name)
    return tree === undefined || (tree.kind === 'scalar' && tree.type === 'null') ? undefined : variables.value(tree)
  }
  const [target, published, address, protocol] = [field('target'), field('published'), field('host_ip'), field('protocol')]
  const containerPorts = target?.kind === 'known' ? readRange(String(target.value)) : undefined
  if (containerPorts === undefined) {
    report('which port of the container is published is not known', origin)
    return target?.kind === 'unknown' ? [anyPort(target.reason, origin)] : []
  }
  let hostPorts: PortRange | undefined
  if (published?.kind === 'known' && published.value !== '') {
    hostPorts = readRange(String(published.value))
    if (hostPorts === undefined) {
      report('compose refuses this port: `published` is no port or range of ports', origin)
      return []
    }
  } else if (published !== undefined && published.kind !== 'known') report('which port of the host is published is not known', origin)
  const text = address?.kind === 'known' ? String(address.value).replace(/^\[(.*)\]$/, '$1') : ''
  const parsed = text === '' ? undefined : parseAddress(text)
  if (text !== '' && parsed === undefined) report('compose refuses this port: `host_ip` is no address', origin)
  if (text !== '' && parsed === undefined) return []
  const name = protocol?.kind === 'known' && protocol.value !== '' ? String(protocol.value).toLowerCase() : 'tcp'
  return configured(
    finishPort(parsed, hostPorts, containerPorts, name),
    address !== undefined && address.kind !== 'known' ? address : undefined,
    origin,
    report,
    address?.kind === 'known' ? address.origin : origin,
  )
}

/** One of several equal definitions counts, the last (compose-go override/uncity.go). */
export function unique(ports: readonly ConfiguredPort[]): readonly ConfiguredPort[] {
  const range = (ports_: PortRange | undefined): string => (ports_ === undefined ? '' : `${ports_.first}-${ports_.last}`)
  const found = new Map<string, ConfiguredPort>()
  for (const port of ports) {
    const { hostAddress } = port
    const address =
      hostAddress.kind === 'known' ? String(hostAddress.value) : hostAddress.kind === 'absent' ? '' : `?${port.origin.span.start.offset}`
    found.set(`${address}|${range(port.hostPorts)}|${range(port.containerPorts)}|${port.protocol}`, port)
  }
  return [...found.values()]
}

/** `expose`: container ports, `3000`, `"3000-3005/udp"`. */
export function exposedBy(item: Tree, variables: Variables): ComposeService['exposed'] {
  const [text = '', protocol = 'tcp'] = (variables.text(item) ?? '').split('/')
  const ports = readRange(text)
  const value = variables.value(item)
  const origin = value.kind === 'absent' ? {} : { origin: value.origin }
  return ports === undefined ? [] : [{ ports, protocol: protocol.toLowerCase() === 'udp' ? 'udp' : 'tcp', ...origin }]
}
