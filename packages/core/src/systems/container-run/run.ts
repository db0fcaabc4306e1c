import {
  ABSENT,
  type ComposeService,
  type ConfiguredPort,
  type FileOrigin,
  knownText,
  resolveValue,
  type Setting,
  type Value,
  type Word,
} from '../../evidence/index.ts'
import { formatAddress } from '../../network/index.ts'
import { portsOfImage } from '../compose/images.ts'
import { readPort, readRange } from '../compose/ports.ts'
import { type ContainerCommand, type Given, readContainerCommand, type Spelling } from './command.ts'

export interface ContainerRun {
  readonly service: ComposeService
  /** Run in the foreground, gone with its end, and nobody is let in: a linter, a compiler. */
  readonly isTool: boolean
  readonly problems: readonly { readonly reason: string; readonly origin: FileOrigin }[]
  readonly options: ContainerCommand['options']
  readonly image: Value | undefined
  /** What takes the place of the image's own command. */
  readonly command: readonly Word[]
}

/** docker 28, `docker run --help`. */
const RUN: Spelling = {
  verbs: ['run', 'create', 'container run', 'container create'],
  switches: new Set([
    '-t',
    '-i',
    '-q',
    '--detach',
    '--disable-content-trust',
    '--help',
    '--init',
    '--interactive',
    '--no-healthcheck',
    '--oom-kill-disable',
    '--privileged',
    '--publish-all',
    '--quiet',
    '--read-only',
    '--replace',
    '--rm',
    '--sig-proxy',
    '--tty',
    '--use-api-socket',
  ]),
  shortSwitches: new Set(['d', 'i', 't', 'P', 'q']),
  longNames: { p: '--publish', P: '--publish-all', d: '--detach', e: '--env', v: '--volume', w: '--workdir' },
}

/** What `docker run …` (`create`, podman too) publishes; `undefined` where the words are no such command. */
export function readContainerRun(words: readonly Word[], environment: ReadonlyMap<string, Setting>): ContainerRun | undefined {
  const command = readContainerCommand(words, RUN)
  if (command === undefined) return undefined
  const { options, rest } = command
  const image = knownText(rest[0]?.text)
  const last = (name: string): string | undefined => knownText(options.get(name)?.at(-1)?.value)
  const problems: { reason: string; origin: FileOrigin }[] = []
  const published = (options.get('--publish') ?? []).flatMap(({ value, origin }) =>
    publishedOption(value, origin, environment, (reason) => problems.push({ reason, origin })),
  )
  const all = options.get('--publish-all')?.find(isGivenOn)
  const known = all === undefined ? undefined : portsOfImage(image)
  if (all !== undefined && known === undefined)
    problems.push({ reason: 'every port that the image exposes is published, on ports that the engine chooses', origin: all.origin })
  const networks = [...(options.get('--network') ?? []), ...(options.get('--net') ?? [])].flatMap(({ value }) =>
    value.kind === 'known' ? [String(value.value)] : [],
  )
  const mode = networks.find((network) => /^(?:host|none|bridge|container:.+)$/.test(network))
  const exposed = (options.get('--expose') ?? []).flatMap(({ value }) => {
    const [ports = '', protocol] = value.kind === 'known' ? String(value.value).split('/') : []
    const range = readRange(ports)
    return range === undefined ? [] : [{ ports: range, protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const) }]
  })
  // docker run --help: "Publish all exposed ports to random ports"; on every address.
  const everywhere = (origin: FileOrigin): readonly ConfiguredPort[] =>
    [...(known ?? []).map((port) => ({ ports: { first: port, last: port }, protocol: 'tcp' as const })), ...exposed].map(
      ({ ports, protocol }) => ({ protocol, hostAddress: ABSENT, hostPorts: undefined, containerPorts: ports, origin }),
    )
  const isOn = (name: string): boolean => options.get(name)?.some(isGivenOn) === true
  const service: ComposeService = {
    claim: 'compose-service',
    project: '',
    name: last('--name') ?? image ?? rest[0]?.shown ?? 'docker run',
    ...(image === undefined ? {} : { image }),
    profiles: [],
    ...(mode === undefined ? {} : { networkMode: mode }),
    networks: networks.filter((network) => network !== mode).map((name) => ({ name, internal: false })),
    published: [...published, ...(all === undefined ? [] : everywhere(all.origin))],
    exposed,
    restart: last('--restart') ?? 'no',
  }
  // A word that is not known may be more options.
  const isTool =
    image !== undefined &&
    isOn('--rm') &&
    !isOn('--detach') &&
    service.published.length === 0 &&
    problems.length === 0 &&
    networks.length === 0
  return { service, isTool, problems, options, image: rest[0]?.text, command: rest.slice(1) }
}

/** `--rm=false` is off. */
function isGivenOn({ value }: Given): boolean {
  return value.kind !== 'known' || value.value !== 'false'
}

/** What `--publish` says. `problem`: what it cannot be told of. */
export function publishedOption(
  value: Value,
  origin: FileOrigin,
  environment: ReadonlyMap<string, Setting>,
  problem: (reason: string) => void,
): readonly ConfiguredPort[] {
  const missing = unset(value, environment)
  if (missing !== undefined) {
    problem(`which port is published depends on \`${missing}\`, which is not set here`)
    return []
  }
  return resolveValue(value, { environment, arguments: new Map() }).flatMap((given): readonly ConfiguredPort[] => {
    if (given.kind !== 'known') {
      problem(`which port is published is not known${given.kind === 'unknown' ? ` (${given.reason})` : ''}`)
      return []
    }
    const reading = readPort(String(given.value))
    if (reading.kind === 'invalid') problem(`a published port that the engine refuses: ${reading.reason}`)
    if (reading.kind === 'other-protocol') problem(`a port is published by ${reading.protocol}, which is not followed`)
    if (reading.kind !== 'port') return []
    const { address, hostPorts, containerPorts, protocol } = reading.port
    const hostAddress: Value = address === undefined ? ABSENT : { kind: 'known', value: formatAddress(address), origin }
    return [{ protocol, hostAddress, hostPorts, containerPorts, origin }]
  })
}

/** A variable or argument that the value needs, which has no value here and no default. */
function unset(value: Value, environment: ReadonlyMap<string, Setting>): string | undefined {
  if (value.kind === 'joined') return value.parts.map((part) => unset(part, environment)).find((name) => name !== undefined)
  if (value.kind !== 'environment' && value.kind !== 'argument') return undefined
  if (value.kind === 'environment' && environment.has(value.name)) return undefined
  return value.fallback.kind === 'absent' ? value.name : unset(value.fallback, environment)
}
