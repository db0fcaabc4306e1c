import { type Address, BITS, FAMILIES, parseAddress } from '../../network/index.ts'
import { type Container, type ContainerNetwork, printable, type Protocol, type PublishedPort } from '../../evidence/index.ts'
import { entries, field, items, type Json, numberField, textField } from '../json.ts'

/** Reads one answer of `GET /containers/ID/json` (Docker Engine API 1.41, ContainerInspect). `undefined`: not such an answer. */
export function readContainer(json: Json | undefined, engine: string): Container | undefined {
  const id = textField(json, 'Id')
  if (id === undefined) return undefined
  const state = field(json, 'State')
  const hostConfig = field(json, 'HostConfig')
  const settings = field(json, 'NetworkSettings')
  const config = field(json, 'Config')
  const running = field(state, 'Running') === true
  const pid = numberField(state, 'Pid')
  const compose = readCompose(field(config, 'Labels'))
  return {
    claim: 'container',
    engine,
    id: printable(id),
    name: printable((textField(json, 'Name') ?? id.slice(0, 12)).replace(/^\//, '')),
    image: printable(textField(config, 'Image') ?? ''),
    running,
    ...(running && pid !== undefined && Number.isSafeInteger(pid) && pid > 0 ? { pid } : {}),
    networkMode: printable(textField(hostConfig, 'NetworkMode') ?? ''),
    networks: entries(field(settings, 'Networks')).map(([name, network]) => ({
      name: printable(name),
      addresses: ['IPAddress', 'GlobalIPv6Address'].flatMap((key) => parseAddress(textField(network, key) ?? '') ?? []),
    })),
    // What runs says NetworkSettings; what is stopped would be published as HostConfig asks.
    published: entries(running ? field(settings, 'Ports') : field(hostConfig, 'PortBindings')).flatMap(([port, bindings]) =>
      readPublished(port, bindings),
    ),
    restart: printable(textField(field(hostConfig, 'RestartPolicy'), 'Name') ?? 'no'),
    ...(compose === undefined ? {} : { compose }),
  }
}

/**
 * `"80/tcp": [{ HostIp, HostPort }]`. An empty HostIp is every address of both families, and so is one that cannot be read:
 * it may be anywhere. A port that the engine has yet to choose is none.
 */
function readPublished(port: string, bindings: Json): readonly PublishedPort[] {
  const match = /^(\d{1,5})\/(tcp|udp)$/.exec(port)
  const inside = Number(match?.[1])
  if (match === null || inside > LAST_PORT) return []
  return items(bindings).flatMap((binding) => {
    const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(textField(binding, 'HostPort') ?? '') ?? []
    const hostPorts = { first: Number(first), last: Number(last) }
    if (first === '' || hostPorts.first === 0 || hostPorts.first > hostPorts.last || hostPorts.last > LAST_PORT) return []
    const address = parseAddress(textField(binding, 'HostIp') ?? '')
    return (address === undefined ? EVERYWHERE : [address]).map((hostAddress) => ({
      protocol: match[2] as Protocol,
      hostAddress,
      hostPorts,
      containerPorts: { first: inside, last: inside },
    }))
  })
}

const LAST_PORT = 65535
const EVERYWHERE: readonly Address[] = FAMILIES.map((family) => ({ family, value: 0n }))

function readCompose(labels: Json | undefined): Container['compose'] {
  const project = textField(labels, 'com.docker.compose.project')
  const service = textField(labels, 'com.docker.compose.service')
  if (project === undefined || service === undefined) return undefined
  const workingDirectory = textField(labels, 'com.docker.compose.project.working_dir')
  return {
    project: printable(project),
    service: printable(service),
    ...(workingDirectory === undefined ? {} : { workingDirectory: printable(workingDirectory) }),
    files: printable(textField(labels, 'com.docker.compose.project.config_files') ?? '')
      .split(',')
      .filter((path) => path !== ''),
  }
}

/** Reads the items of `GET /networks` (NetworkList). */
export function readNetwork(json: Json | undefined, engine: string): ContainerNetwork | undefined {
  const id = textField(json, 'Id')
  const name = textField(json, 'Name')
  const driver = textField(json, 'Driver')
  if (id === undefined || name === undefined || driver === undefined) return undefined
  const named = textField(field(json, 'Options'), 'com.docker.network.bridge.name')
  // libnetwork names the bridge of a user network after the first twelve characters of its id; Podman's are podman0, podman1 …, untold here.
  const bridge = driver === 'bridge' ? (named ?? (engine === 'docker' ? `br-${id.slice(0, 12)}` : undefined)) : undefined
  return {
    claim: 'container-network',
    engine,
    id: printable(id),
    name: printable(name),
    driver: printable(driver),
    internal: field(json, 'Internal') === true,
    ...(bridge === undefined ? {} : { bridge: printable(bridge) }),
    subnets: items(field(field(json, 'IPAM'), 'Config')).flatMap((config) => readSubnet(textField(config, 'Subnet') ?? '')),
  }
}

function readSubnet(text: string): ContainerNetwork['subnets'] {
  const [head = '', length = ''] = text.split('/')
  const address = parseAddress(head)
  const prefixLength = Number(length)
  if (address === undefined || !/^\d{1,3}$/.test(length) || prefixLength > BITS[address.family]) return []
  return [{ address, prefixLength }]
}
