import { ABSENT, type CommandBind, show, type Value } from '../../evidence/index.ts'
import { SSH_VALUED } from '../shell/inner.ts'
import { parseOptions } from './options.ts'
import type { CommandReading } from './reading.ts'
import { done, type State, withUnknown } from './state.ts'
import { cut, fill, isLiteral, type Template } from './template.ts'

/** Programs that forward a port of this machine to another one, or let others come to one of this machine from there. */

/** `undefined`: another program, or one that forwards nothing. */
export function forward(name: string, rest: readonly Template[], state: State): CommandReading | undefined {
  if (name === 'ssh' || name === 'autossh') return sshReading(name, rest, state)
  const binds = name === 'kubectl' || name === 'oc' ? portForward(rest) : []
  const [serves, ...alsoServes] = binds
  if (serves !== undefined) return done(state, name, { serves, alsoServes })
  const published = tunnelled(name, rest)
  return published === undefined ? undefined : done(lettingIn(state, name, published), name)
}

/**
 * What is let in comes over a connection that this machine opened itself: nothing listens for it, and it comes to the service as from
 * loopback, where no host and no packet filter stops it.
 */
function lettingIn(state: State, name: string, target: Template): State {
  const isTold = target.text !== '' && isLiteral(target.text)
  const to = /^\d{1,5}$/.test(target.text) ? `port ${target.text}` : isTold ? show(target.text, 80) : 'this machine'
  return withUnknown(
    state,
    `${name} lets others in to ${to} from another machine, past its host and every packet filter`,
    target.origin,
    true,
  )
}

/** kubectl port-forward: `TYPE/NAME [LOCAL:]REMOTE…`, on 127.0.0.1 and ::1 unless `--address` lists others. */
function portForward(rest: readonly Template[]): readonly CommandBind[] {
  const { given, positionals } = parseOptions(rest, {
    options: {
      '--address': 'hosts',
      '-n': 'value',
      '--namespace': 'value',
      '--context': 'value',
      '--cluster': 'value',
      '--kubeconfig': 'value',
      '--user': 'value',
      '--as': 'value',
      '-s': 'value',
      '--server': 'value',
      '--token': 'value',
      '--request-timeout': 'value',
      '--pod-running-timeout': 'value',
      '-v': 'value',
      '--v': 'value',
    },
    unlisted: 'switch',
  })
  const [command, , ...ports] = positionals
  if (command?.text !== 'port-forward') return []
  const addresses = given.findLast(({ role }) => role === 'hosts')?.value
  const hosts: readonly Value[] = addresses === undefined ? [ABSENT] : addresses.text.split(',').map((host) => fill(host, addresses))
  return ports.slice(0, MOST).flatMap((word) => {
    const colon = word.text.indexOf(':')
    const local = colon < 0 ? word.text : word.text.slice(0, colon)
    // `:REMOTE` is forwarded from a port that the system chooses.
    const port = local === '' ? ABSENT : fill(local, word)
    return hosts.slice(0, MOST).map((host): CommandBind => ({ program: 'kubectl', protocol: 'tcp', host, port, defaultHost: 'localhost' }))
  })
}

/** Ports, and addresses, of one command. */
const MOST = 32

interface SshOption {
  readonly letter: string
  readonly value: Template
}

/**
 * ssh(1): `-L [ADDRESS:]PORT:…` and `-D [ADDRESS:]PORT` listen here, on loopback unless ADDRESS, `-g` or `GatewayPorts` say otherwise; `-R` listens on
 * the other machine, and leads here.
 */
function sshReading(name: string, rest: readonly Template[], state: State): CommandReading | undefined {
  const { options, isGateway } = sshOptions(name, rest)
  const binds = options.flatMap(({ letter, value }) => (letter === 'L' || letter === 'D' ? sshBind(name, letter, value, isGateway) : []))
  const led = options.filter(({ letter }) => letter === 'R').flatMap(({ value }) => remoteTarget(value) ?? [])
  const [serves, ...alsoServes] = binds
  if (serves === undefined && led.length === 0) return undefined
  const told = led.reduce((before, target) => lettingIn(before, `${name} -R`, target), state)
  return done(told, name, serves === undefined ? {} : { serves, alsoServes })
}

function sshOptions(name: string, words: readonly Template[]): { readonly options: readonly SshOption[]; readonly isGateway: boolean } {
  const options: SshOption[] = []
  let isGateway = false
  let hosts = 0
  for (let index = 0; index < words.length && options.length < MOST; index++) {
    const word = words[index]
    if (word === undefined || word.text === '--') break
    if (!/^-[A-Za-z0-9]/.test(word.text)) {
      // Options go on behind the host; the next word that is none is the command.
      if (++hosts > 1) break
      continue
    }
    for (let at = 1; at < word.text.length; at++) {
      const letter = word.text[at] ?? ''
      if (letter === 'g') isGateway = true
      if (!SSH_VALUED.includes(letter) && !(name === 'autossh' && letter === 'M')) continue
      const attached = word.text.slice(at + 1)
      const value = attached === '' ? words[++index] : cut(word, attached)
      if (letter === 'o' && /^GatewayPorts[\s=]+(?:yes|true)$/i.test(value?.text ?? '')) isGateway = true
      if (value !== undefined) options.push({ letter, value })
      break
    }
  }
  return { options, isGateway }
}

/** The parts between colons; those within brackets are an address of IPv6. */
const PARTS = /\[[^\]]{0,200}\]|[^:[\]]{1,500}|(?<=^|:)(?=:|$)/g

function sshBind(name: string, letter: string, value: Template, isGateway: boolean): readonly CommandBind[] {
  const parts = value.text.slice(0, 1000).match(PARTS) ?? []
  // `LOCAL_SOCKET:…` is none of the network; behind PORT stand HOST and HOSTPORT, or a socket's path.
  if (parts[0]?.startsWith('/') === true) return []
  const behind = letter === 'D' ? 0 : parts.at(-1)?.startsWith('/') === true ? 1 : 2
  const [port = '', address] = parts.slice(0, Math.max(parts.length - behind, 0)).toReversed()
  if (port === '') return []
  const bare = address?.replace(/^\[(.*)\]$/, '$1')
  const host: Value = bare === undefined ? ABSENT : fill(bare === '' ? '*' : bare, value)
  return [{ program: name, protocol: 'tcp', host, port: fill(port, value), defaultHost: isGateway ? '*' : 'localhost' }]
}

/** `[ADDRESS:]PORT:HOST:HOSTPORT` of `-R` where HOST is this machine; without one the other side is given the whole network of this one. */
function remoteTarget(value: Template): Template | undefined {
  const parts = value.text.slice(0, 1000).match(PARTS) ?? []
  if (parts.length < 3) return parts.length === 0 || value.text.includes('/') ? undefined : cut(value, '')
  const [port = '', host = ''] = parts.toReversed()
  return /^(?:localhost|127\.[\d.]+|\[?::1\]?)$/i.test(host) ? cut(value, port) : cut(value, `${host}:${port}`)
}

/** Programs that give a port of this machine an address on the internet, and the words that tell it. */
const TUNNELS: Readonly<Record<string, { readonly commands?: RegExp; readonly option?: RegExp }>> = {
  ngrok: { commands: /^(?:http|https|tcp|tls|start)$/ },
  cloudflared: { commands: /^tunnel$/, option: /^--?(?:url|hello-world)$/ },
  lt: { option: /^(?:-p|--port)$/ },
  localtunnel: { option: /^(?:-p|--port)$/ },
  bore: { commands: /^local$/ },
}

/** A port, or an address with one. */
const TARGET = /^\d{1,5}$|:\d{1,5}(?:\/|$)|^https?:/

/** What a tunnel leads to; empty where the words do not say. `undefined`: no tunnel. */
function tunnelled(name: string, rest: readonly Template[]): Template | undefined {
  const row = Object.hasOwn(TUNNELS, name) ? TUNNELS[name] : undefined
  if (row === undefined) return undefined
  const { commands, option } = row
  const at = commands === undefined ? -1 : rest.findIndex(({ text }) => commands.test(text))
  const command = rest[at]
  if (commands !== undefined && command === undefined) return undefined
  const behind = rest.slice(at + 1)
  const anywhere = behind.find(({ text }) => TARGET.test(text) || !isLiteral(text))
  if (option === undefined) return anywhere ?? (command === undefined ? undefined : cut(command, ''))
  for (const [index, word] of behind.entries()) {
    const [key = '', ...attached] = word.text.split('=')
    if (option.test(key)) return attached.length > 0 ? cut(word, attached.join('=')) : (behind[index + 1] ?? cut(word, ''))
  }
  // A tunnel of a configuration of its own: `cloudflared tunnel run NAME`.
  const running = behind.find(({ text }) => text === 'run')
  return running === undefined ? undefined : cut(running, '')
}
