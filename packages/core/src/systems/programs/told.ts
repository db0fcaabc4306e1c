import { readEndpoint } from './endpoint.ts'
import { isQuiet } from '../quiet.ts'
import type { CommandReading } from './reading.ts'
import { programsNamed } from './rows/index.ts'
import { done, type State, variables } from './state.ts'
import { cut, fill, isLiteral, type Template } from './template.ts'

/** Options by which servers are told an address, whatever the program: `--host`, `--web-host`, `--listen-address`, `-Dserver.address`. */
const ADDRESS = /^(?:--?[\w.-]{0,60}(?:host|hostname|listen|bind|addr|address|ip|interface|urls?)|-[HhabBlo])$/i
const PORT = /^(?:--?[\w.-]{0,60}port|-[pP])$/i

/** Every address: nobody connects to it but by way of a joke, and only servers are given it. */
const EVERY_ADDRESS = /^(?:(?:tcp|https?):\/\/)?(?:0\.0\.0\.0|\[::\]|::|\*)(?::\d{1,5})?\/?$/
/** Without an option before it. */
const ENDPOINT = /^(?:0\.0\.0\.0|\[::\]):\d{1,5}$/

/** Those that are told where to connect, what to publish or what to let through. */
const CLIENTS: ReadonlySet<string> = new Set(
  (
    'docker docker-compose podman nerdctl buildah kubectl helm minikube psql pg_isready createdb dropdb createuser mysql mariadb mongo mongosh ' +
    'sqlcmd cqlsh influx clickhouse sqlite3 ldapsearch telnet ftp sftp smbclient nmap ab wrk hey k6 siege artillery autocannon oha vegeta ' +
    'lighthouse http https xh httpie grpcurl websocat wscat tcpdump traceroute ufw iptables ip6tables nft firewall-cmd ip sysctl aws gcloud az ' +
    'doctl flyctl terraform ansible ansible-playbook vault nats wait-on wait-port wait-for wait-for.sh wait-for-it wait-for-it.sh wait4x ' +
    'open xdg-open start-server-and-test cypress playwright alembic flyway liquibase iperf iperf3 nc netcat ncat make npm yarn pnpm bun ' +
    'mongoimport mongoexport mongostat mongotop mysqlimport mysqlslap pg_basebackup pg_dumpall vacuumdb reindexdb adb lt localtunnel ngrok ' +
    'cloudflared ssh autossh kill-port fkill chrome chromium google-chrome firefox mosquitto_pub mosquitto_sub snmpwalk snmpget esptool esptool.py avrdude'
  ).split(' '),
)
const CLIENT = /(?:cli|client|dump|restore|bench|benchmark|admin|check|ctl)$/

/** What only a server is told to do. */
const SERVES: ReadonlySet<string> = new Set(['serve', 'server', 'runserver'])

/**
 * What a program that nothing is known of is told: one that is given every address is a server, and listens there. The port is the one that
 * stands beside it, or not known. What is given as any other address may be that of a peer; one that is given a port and no address, or told
 * to serve, listens nobody knows where.
 */
export function toldSocket(name: string, words: readonly Template[], state: State): CommandReading {
  if (isQuiet(name) || CLIENTS.has(name) || CLIENT.test(name)) return done(state, name)
  const endpoint = words.map((word, index) => addressOf(word, words[index - 1])).find((word) => word !== undefined)
  if (endpoint === undefined) return servingSomewhere(name, words, state)
  const end = readEndpoint(fill(endpoint.text, endpoint), { bare: 'host', every: '*' }, variables(state))
  if (end.kind !== 'network') return done(state, name)
  const port = valueIn(words, PORT)
  const told = end.port.kind === 'absent' && port !== undefined ? fill(port.text, port) : end.port
  const { origin } = endpoint
  const reason = noPort(name)
  return done(state, name, {
    serves: {
      program: name,
      protocol: 'tcp',
      host: end.host,
      port: told.kind === 'absent' ? { kind: 'unknown', reason, origin } : told,
      defaultHost: '*',
    },
  })
}

const noPort = (name: string): string => `${name} is not known, and neither is the port that it listens on`

/** A whole number under a name that is spelt out: `-p` is a project, a password or a path as often. */
const SPELT_PORT = /^--(?:[\w.-]{0,60}[.-])?port$/i

function servingSomewhere(name: string, words: readonly Template[], state: State): CommandReading {
  const [first] = words
  if (first === undefined || programsNamed(name).length > 0) return done(state, name)
  const isServing = SERVES.has(first.text)
  const port = valueIn(words, isServing ? PORT : SPELT_PORT)
  const isPort = port !== undefined && /^\d{1,5}$/.test(port.text)
  if (!isServing && (!isPort || valueIn(words, ADDRESS) !== undefined)) return done(state, name)
  const { origin } = port ?? first
  return done(state, name, {
    serves: {
      program: name,
      protocol: 'tcp',
      host: { kind: 'unknown', reason: `${name} is not known, and neither is the address that it listens on`, origin },
      port: port === undefined ? { kind: 'unknown', reason: noPort(name), origin } : fill(port.text, port),
      defaultHost: '*',
    },
  })
}

/** The first value of an option that is called so. */
function valueIn(words: readonly Template[], name: RegExp): Template | undefined {
  return words.map((word, index) => valueOf(word, words[index - 1], name)).find((word) => word !== undefined)
}

function addressOf(word: Template, before: Template | undefined): Template | undefined {
  const given = valueOf(word, before, ADDRESS) ?? (ENDPOINT.test(word.text) ? word : undefined)
  return given !== undefined && EVERY_ADDRESS.test(given.text) ? cut(given, given.text.replace(/^\w+:\/\/|\/$/g, '')) : undefined
}

/** The value that a word is, or has behind `=`, of an option that is called so. */
function valueOf(word: Template, before: Template | undefined, name: RegExp): Template | undefined {
  const equals = word.text.indexOf('=')
  if (word.text.startsWith('-'))
    return equals > 0 && name.test(word.text.slice(0, equals)) ? cut(word, word.text.slice(equals + 1)) : undefined
  return before !== undefined && isLiteral(before.text) && name.test(before.text) ? word : undefined
}
