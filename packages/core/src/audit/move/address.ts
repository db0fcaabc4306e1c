import { INNER_STAYS, type Meaning, type MeaningContext, OTHER, PORT } from './context.ts'
import { isLoopbackName, isPrivateAddress } from './own.ts'
import type { Occurrence } from './text.ts'

/** `http://localhost:`, `127.0.0.1:`, `[::1]:`, `${HOST}:`. */
const ADDRESS =
  /(?:(?<scheme>[a-z][a-z0-9+.-]{1,20}):\/\/(?:[^\s"'`/@]{1,256}@)?)?(?<host>\[[0-9a-fA-F:.]+\]|\$?\{[^{}]{1,100}\}|\$\w+|[\w.*-]+):$/

/** By which a container calls the machine that it runs on (Docker Desktop and `extra_hosts: host-gateway`; podman-run(1)). */
const MACHINE_OF_CONTAINER: ReadonlySet<string> = new Set(['host.docker.internal', 'gateway.docker.internal', 'host.containers.internal'])

/** A host and its port apart: `hostname: 'localhost', port: 3000`, and HAProxy's `server web 127.0.0.1:3000 check port 3000`. */
const PAIRS: readonly RegExp[] = [
  /\bhost(?:name)?["']?\s*[:=]\s*["'](?<host>[^"']{1,256})["']\s*,\s*["']?port["']?\s*[:=]\s*["']?$/i,
  /^\s*server\s+\S+\s+(?<host>[^\s:]{1,256}):\d+\s.*\bport\s+$/,
]

/** Where a connection goes to, by the host that stands with the number. */
export function address(occurrence: Occurrence, context: MeaningContext): Meaning | undefined {
  const { scheme, host = '' } = ADDRESS.exec(occurrence.before)?.groups ?? {}
  if (host !== '' && (scheme !== undefined || !/^\d+$/.test(host))) return ofHost(host, scheme, occurrence, context)
  const paired = PAIRS.flatMap((pair) => pair.exec(occurrence.before)?.groups?.['host'] ?? [])[0]
  return paired === undefined ? undefined : ofHost(paired, 'tcp', occurrence, context)
}

function ofHost(host: string, scheme: string | undefined, occurrence: Occurrence, context: MeaningContext): Meaning | undefined {
  const { names, inner } = context
  const variable = /^\$?\{?[\s]*(?:process\.env\.|env\.)?(\w+)/.exec(host)?.[1]
  if (/^\$|^\{/.test(host)) {
    if (variable !== undefined && names.hostVariables.has(variable)) return PORT('address')
    return OTHER(`of ${host}, and which host that is cannot be told`)
  }
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (isLoopbackName(name)) return onLoopback(occurrence, context)
  if (MACHINE_OF_CONTAINER.has(name)) return PORT('address')
  // On the container network nothing is published: a container is called by its own port there.
  if (names.containers.has(name) && !names.hosts.has(name)) return inner === 'stays' ? INNER_STAYS : PORT('address')
  if (names.hosts.has(name) || (isListOfOrigins(occurrence) && isPrivateAddress(name))) return PORT('address')
  // `key:8000` in code is no address.
  return scheme === undefined && !/[.-]/.test(name) ? undefined : OTHER(`of ${name}, which is no name of this service`)
}

/** `docker exec NAME …`, `docker compose exec NAME …`, `podman exec NAME …`, `kubectl exec NAME -- …`: the rest runs in there. */
const INSIDE = /\b(?:docker|docker-compose|podman|kubectl)\b[^|;&]{0,200}\sexec\s(?<words>[^|;&]{0,300})$/

function onLoopback({ start, before }: Occurrence, { names, surroundings, inner }: MeaningContext): Meaning {
  const words = INSIDE.exec(before)
    ?.groups?.['words']?.toLowerCase()
    .split(/[\s/]+/)
  const entered = words?.some((word) => names.containers.has(word)) === true ? 'own container' : 'other container'
  switch (words === undefined ? surroundings(start) : entered) {
    case 'machine':
      return PORT('address')
    case 'own container':
      return inner === 'stays' ? INNER_STAYS : PORT('address')
    case 'other container':
      return OTHER('of another container, whose localhost this is')
  }
}

/** Origins of a list are the service's own, or those of pages that are served elsewhere, on ports of their own. */
const isListOfOrigins = ({ before }: Occurrence): boolean => /(?:CORS|ORIGIN)/i.test(before)

/** Tools that ask for a port of this machine, by their manual pages: `nc -z localhost 8000`, `lsof -i :8000`, `fuser 8000/tcp`, `ss 'sport = :8000'`. */
const PROBES =
  /(?:\b(?:nc|ncat|telnet)\b[^|;&]{0,80}\s(?:localhost|127\.0\.0\.1|::1)\s+|\b(?:lsof|netstat)\b[^|;&]{0,80}[\s:]|\bss\s+-[^|;&]{0,80}[\s:]|\bss\b[^|;&]{0,60}\bsport\b[^|;&]{0,20}:|\bfuser\b[^|;&]{0,40}\s|\b(?:npx\s+)?kill-port\s+|\bssh\b[^|;&]{0,120}\s-L\s?(?:[\d.]+:)?(?:\d+:(?:localhost|127\.0\.0\.1):)?)$/

/** Tools that wait for a port of this machine, or lead to it, whose options take numbers of their own. */
const WAITERS = /\b(?:wait-on|wait-port|start-server-and-test|start-test|ngrok|localtunnel|lt)\b[^|;&]{0,200}[\s:]$/
const OF_OPTION = /\s--?(?!-?port\b|p\s)[\w-]{1,40}[\s=]+$/

/** What asks whether the port answers, in a script, or as the words of a list: `["CMD", "nc", "-z", "localhost", "8000"]`. */
export function probe(occurrence: Occurrence, context: MeaningContext): Meaning | undefined {
  if (occurrence.kind === 'source') return undefined
  const before = occurrence.before.replaceAll(/["',[\]\\]+/g, ' ')
  return PROBES.test(before) || (WAITERS.test(before) && !OF_OPTION.test(before)) ? onLoopback(occurrence, context) : undefined
}
