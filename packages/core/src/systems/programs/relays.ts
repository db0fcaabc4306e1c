import { ABSENT, type CommandBind, type Value } from '../../evidence/index.ts'
import { parseOptions } from './options.ts'
import type { CommandReading } from './reading.ts'
import { done, type State } from './state.ts'
import { fill, type Template } from './template.ts'

/** Programs that hand on what comes to a port: what they forward to is as open as they are. */

/** `undefined`: another program, or one that only connects. */
export function relay(name: string, rest: readonly Template[], state: State): CommandReading | undefined {
  const binds = name === 'socat' ? rest.flatMap(socatBind) : NETCATS.has(name) ? netcatBind(rest) : []
  const [serves, ...alsoServes] = binds
  return serves === undefined ? undefined : done(state, name, { serves, alsoServes })
}

/** socat(1), address types: `TCP4-LISTEN:PORT,bind=ADDRESS,…`, in any case; `-L` and `-RECVFROM` among them. */
const SOCAT = /^(?:tcp|tcp4|tcp6|udp|udp4|udp6|sctp|sctp4|sctp6|openssl|ssl|openssl-dtls)-(?:l|listen|recv|recvfrom):/i

function socatBind(word: Template): readonly CommandBind[] {
  const [type] = SOCAT.exec(word.text) ?? []
  if (type === undefined || /^sctp/i.test(type)) return []
  const [port = '', ...options] = word.text.slice(type.length).split(',')
  const bound = options.flatMap((option) => /^bind=(.*)$/i.exec(option)?.[1] ?? []).at(-1)
  const host: Value = bound === undefined ? ABSENT : fill(bound.replace(/^\[(.*)\]$/, '$1'), word)
  const six = /6|^openssl|^ssl/i.test(type) || options.some((option) => /^pf=(?:ip6|inet6)$/i.test(option))
  return [
    {
      program: 'socat',
      protocol: /^udp|dtls/i.test(type) ? 'udp' : 'tcp',
      host,
      port: fill(port, word),
      defaultHost: six ? '*' : '0.0.0.0',
    },
  ]
}

const NETCATS: ReadonlySet<string> = new Set(['nc', 'ncat', 'netcat', 'nc.traditional', 'nc.openbsd'])

/** nc(1) of OpenBSD and the traditional one, ncat(1): `-l [-p] PORT`, `-l ADDRESS PORT`, `-s ADDRESS`. */
function netcatBind(rest: readonly Template[]): readonly CommandBind[] {
  const { given, positionals } = parseOptions(rest, {
    options: {
      '-l': 'everywhere',
      '--listen': 'everywhere',
      '-p': 'port',
      '--source-port': 'port',
      '-s': 'host',
      '--source': 'host',
      '-u': 'ipv6',
      '--udp': 'ipv6',
      '-e': 'value',
      '-c': 'value',
      '--exec': 'value',
      '--sh-exec': 'value',
      '-w': 'value',
      '-q': 'value',
      '-i': 'value',
      '-I': 'value',
      '-O': 'value',
      '-m': 'value',
    },
    unlisted: 'switch',
  })
  const last = (role: string): Template | undefined => given.findLast((one) => one.role === role)?.value
  if (!given.some(({ role }) => role === 'everywhere')) return []
  const [first, second] = positionals
  const port = last('port') ?? second ?? first
  const host = last('host') ?? (second !== undefined || last('port') !== undefined ? first : undefined)
  return [
    {
      program: 'netcat',
      protocol: given.some(({ role }) => role === 'ipv6') ? 'udp' : 'tcp',
      host: host === undefined ? ABSENT : fill(host.text, host),
      port: port === undefined ? ABSENT : fill(port.text, port),
      defaultHost: '0.0.0.0',
    },
  ]
}
