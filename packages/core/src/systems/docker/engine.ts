import { BITS, parseAddress } from '../../network/index.ts'
import type { Container, ContainerNetwork, Protocol, PublishedPort } from '../../evidence/index.ts'
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
    id,
    name: (textField(json, 'Name') ?? id.slice(0, 12)).replace(/^\//, ''),
    image: textField(config, 'Image') ?? '',
    running,
    ...(running && pid !== undefined && pid > 0 ? { pid } : {}),
    networkMode: textField(hostConfig, 'NetworkMode') ?? '',
    networks: entries(field(settings, 'Networks')).map(([name, network]) => ({
      name,
      addresses: ['IPAddress', 'GlobalIPv6Address'].flatMap((key) => parseAddress(textField(network, key) ?? '') ?? []),
    })),
    // What runs says NetworkSettings; what is stopped would be published as HostConfig asks.
    published: entries(running ? field(settings, 'Ports') : field(hostConfig, 'PortBindings')).flatMap(([port, bindings]) =>
      readPublished(port, bindings),
    ),
    restart: textField(field(hostConfig, 'RestartPolicy'), 'Name') ?? 'no',
    ...(compose === undefined ? {} : { compose }),
  }
}

/** `"80/tcp": [{ HostIp, HostPort }]`. An empty HostIp is every address of both families. */
function readPublished(port: string, bindings: Json): readonly PublishedPort[] {
  const match = /^(\d{1,5})\/(tcp|udp)$/.exec(port)
  if (match === null) return []
  const inside = Number(match[1])
  return items(bindings).flatMap((binding) => {
    const hostPort = Number(textField(binding, 'HostPort') ?? '')
    const text = textField(binding, 'HostIp') ?? ''
    const addresses = text === '' ? ['0.0.0.0', '::'] : [text]
    if (!Number.isInteger(hostPort)) return []
    return addresses.flatMap((item) => {
      const hostAddress = parseAddress(item)
      if (hostAddress === undefined) return []
      return [
        {
          protocol: match[2] as Protocol,
          hostAddress,
          hostPorts: { first: hostPort, last: hostPort },
          containerPorts: { first: inside, last: inside },
        },
      ]
    })
  })
}

function readCompose(labels: Json | undefined): Container['compose'] {
  const project = textField(labels, 'com.docker.compose.project')
  const service = textField(labels, 'com.docker.compose.service')
  if (project === undefined || service === undefined) return undefined
  const workingDirectory = textField(labels, 'com.docker.compose.project.working_dir')
  return {
    project,
    service,
    ...(workingDirectory === undefined ? {} : { workingDirectory }),
    files: (textField(labels, 'com.docker.compose.project.config_files') ?? '').split(',').filter((path) => path !== ''),
  }
}

/** Reads the items of `GET /networks` (NetworkList). */
export function readNetwork(json: Json | undefined, engine: string): ContainerNetwork | undefined {
  const id = textField(json, 'Id')
  const name = textField(json, 'Name')
  const driver = textField(json, 'Driver')
  if (id === undefined || name === undefined || driver === undefined) return undefined
  const named = textField(field(json, 'Options'), 'com.docker.network.bridge.name')
  // libnetwork names the bridge of a user network after the first twelve characters of its id.
  const bridge = driver === 'bridge' ? (named ?? `br-${id.slice(0, 12)}`) : undefined
  return {
    claim: 'container-network',
    engine,
    id,
    name,
    driver,
    internal: field(json, 'Internal') === true,
    ...(bridge === undefined ? {} : { bridge }),
    subnets: items(field(field(json, 'IPAM'), 'Config')).flatMap((config) => readSubnet(textField(config, 'Subnet') ?? '')),
  }
}

function readSubnet(text: string): ContainerNetwork['subnets'] {
  const [head = '', length = ''] = text.split('/')
  const address = parseAddress(head)
  const prefixLength = Number(length)
  if (address === undefined || length === '' || !Number.isInteger(prefixLength) || prefixLength > BITS[address.family]) return []
  return [{ address, prefixLength }]
}
