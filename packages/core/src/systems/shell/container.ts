import {
  ABSENT,
  type ComposeService,
  type ConfiguredPort,
  type FileOrigin,
  resolveValue,
  type Setting,
  type Value,
  type Word,
} from '../../evidence/index.ts'
import { formatAddress } from '../../network/index.ts'
import { readPort, readRange } from '../compose/ports.ts'

export interface ContainerReading {
  readonly service: ComposeService
  readonly problems: readonly { readonly reason: string; readonly origin: FileOrigin }[]
}

/** Options of `docker run` without a value of their own (docker 28, `docker run --help`). All others take one. */
const SWITCHES: ReadonlySet<string> = new Set([
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
])
const SHORT_SWITCHES = new Set(['d', 'i', 't', 'P', 'q'])
const LONG_NAMES: Readonly<Record<string, string>> = { p: '--publish', P: '--publish-all' }

/** What `docker run …` (`create`, podman too) publishes; `undefined` where the words are no such command. */
export function readContainerRun(words: readonly Word[], environment: ReadonlyMap<string, Setting>): ContainerReading | undefined {
  const texts = words.map((word) => (word.text.kind === 'known' ? String(word.text.value) : undefined))
  const program = texts[0]?.slice(texts[0].lastIndexOf('/') + 1)
  if (program !== 'docker' && program !== 'podman') return undefined
  let index = texts[1] === 'container' ? 2 : 1
  if (texts[index] !== 'run' && texts[index] !== 'create') return undefined
  index++
  const options = new Map<string, { readonly value: Value; readonly origin: FileOrigin }[]>()
  const add = (name: string, value: Value, word: Word | undefined): void => {
    if (word === undefined) return
    const origin = word.text.kind === 'absent' ? undefined : word.text.origin
    if (origin === undefined) return
    const given = options.get(name)
    if (given === undefined) options.set(name, [{ value, origin }])
    else given.push({ value, origin })
  }
  for (; index < words.length; index++) {
    const text = leading(words[index])
    if (!text.startsWith('-') || text === '-') break
    if (text === '--') {
      index++
      break
    }
    const word = words[index]
    const { name, rest = word?.text.kind === 'joined' ? '' : undefined } = split(text)
    if (rest !== undefined) add(name, without(word?.text ?? ABSENT, text.length - rest.length), word)
    else if (SWITCHES.has(name)) add(name, ABSENT, word)
    else {
      index++
      add(name, words[index]?.text ?? ABSENT, words[index])
    }
  }
  const image = texts[index]
  return readingOf(options, image, environment)
}

function readingOf(
  options: ReadonlyMap<string, readonly { readonly value: Value; readonly origin: FileOrigin }[]>,
  image: string | undefined,
  environment: ReadonlyMap<string, Setting>,
): ContainerReading {
  const last = (name: string): string | undefined => {
    const value = options.get(name)?.at(-1)?.value
    return value?.kind === 'known' ? String(value.value) : undefined
  }
  const problems: { reason: string; origin: FileOrigin }[] = []
  const published = (options.get('--publish') ?? []).flatMap(({ value, origin }) =>
    publishedBy(value, origin, environment, (reason) => problems.push({ reason, origin })),
  )
  const all = options.get('--publish-all')?.[0]
  if (all !== undefined)
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
  const service: ComposeService = {
    claim: 'compose-service',
    project: '',
    name: last('--name') ?? image ?? '',
    ...(image === undefined ? {} : { image }),
    profiles: [],
    ...(mode === undefined ? {} : { networkMode: mode }),
    networks: networks.filter((network) => network !== mode).map((name) => ({ name, internal: false })),
    published,
    exposed,
    restart: last('--restart') ?? 'no',
  }
  return { service, problems }
}

function publishedBy(
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

/** What a word is known to begin with. */
function leading(word: Word | undefined): string {
  const value = word?.text
  const first = value?.kind === 'joined' ? value.parts[0] : value
  return first?.kind === 'known' ? String(first.value) : ''
}

/** `--name=VALUE`, `-pVALUE`, `-itp VALUE`: the option's long name, and its value where it stands in the same word. */
function split(text: string): { readonly name: string; readonly rest: string | undefined } {
  if (text.startsWith('--')) {
    const equals = text.indexOf('=')
    return equals < 0 ? { name: text, rest: undefined } : { name: text.slice(0, equals), rest: text.slice(equals + 1) }
  }
  let index = 1
  while (index < text.length - 1 && SHORT_SWITCHES.has(text[index] ?? '')) index++
  const letter = text[index] ?? ''
  const name = LONG_NAMES[letter] ?? (SHORT_SWITCHES.has(letter) ? '--detach' : `-${letter}`)
  const rest = text.slice(index + 1).replace(/^=/, '')
  return { name, rest: rest === '' ? undefined : rest }
}

/** A value whose known beginning is cut off. */
function without(value: Value, length: number): Value {
  if (value.kind === 'known') return { ...value, value: String(value.value).slice(length) }
  if (value.kind !== 'joined') return value
  const [first, ...others] = value.parts
  return first?.kind === 'known' ? { ...value, parts: [{ ...first, value: String(first.value).slice(length) }, ...others] } : value
}
