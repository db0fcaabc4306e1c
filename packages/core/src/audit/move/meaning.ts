import type { InnerPort, Surrounding } from './container.ts'
import type { KnownPlace, PlaceRole } from './exact.ts'
import { letsIn } from './firewall.ts'
import { isLoopbackName, isPrivateAddress, type OwnNames } from './own.ts'
import type { Occurrence } from './text.ts'

/** What a number at a place means. */
export type Meaning =
  | { readonly kind: 'port'; readonly role: PlaceRole }
  /** It is not the service's port, or nothing says so; `why` ends the sentence `left: …`. */
  | { readonly kind: 'other'; readonly why: string }

export interface MeaningContext {
  readonly names: OwnNames
  /** What the readers know of this file: the service's own places. */
  readonly own: readonly KnownPlace[]
  /** And those of others, with whose they are. */
  readonly others: readonly (KnownPlace & { readonly service: string })[]
  /** Whose `localhost` a place speaks of. */
  readonly surroundings: (offset: number) => Surrounding
  readonly inner: InnerPort
  /** Variables of the same name are of several starts here: only what the readers know counts. */
  readonly structured: boolean
  /** It is a file of the policy. */
  readonly isPolicy: boolean
  /** The environment that the file is for is not the one that is asked about. */
  readonly otherEnvironment: string | undefined
  /** Comments and documentation too. */
  readonly docs: boolean
}

const PORT = (role: PlaceRole): Meaning => ({ kind: 'port', role })
const OTHER = (why: string): Meaning => ({ kind: 'other', why })
const INNER_STAYS = OTHER('the container’s own port, which stays: nothing here gives it')

type Recogniser = (occurrence: Occurrence, context: MeaningContext) => Meaning | undefined

/** In this order; the first that knows decides. */
const RECOGNISERS: readonly Recogniser[] = [
  elsewhere,
  comment,
  ofOthers,
  ofPolicy,
  published,
  ofReaders,
  address,
  variable,
  probe,
  firewall,
  container,
]

/** Decided by what stands there and by what the readers know of it; a number that nothing explains stays. */
export function meaningOf(occurrence: Occurrence, context: MeaningContext): Meaning {
  for (const recognise of RECOGNISERS) {
    const meaning = recognise(occurrence, context)
    if (meaning !== undefined) return meaning
  }
  const name = NAMED.exec(occurrence.before)?.groups?.['name']
  return OTHER(name === undefined ? 'nothing says that this is the port' : `${name} is not what gives the port`)
}

function elsewhere(_: Occurrence, { otherEnvironment }: MeaningContext): Meaning | undefined {
  return otherEnvironment === undefined ? undefined : OTHER(`of the environment ${otherEnvironment}`)
}

/** Text for people: nothing reads it, so that it is changed where that is asked for, and only where it speaks of a port. */
function comment(occurrence: Occurrence, context: MeaningContext): Meaning | undefined {
  if (!occurrence.comment) return undefined
  if (!context.docs) return OTHER('a text for people (--docs)')
  const spoken = address(occurrence, context) ?? variable(occurrence, context) ?? probe(occurrence, context)
  if (spoken?.kind === 'port' || /(?:\bports?|--port|-p)[\s=:`*]{1,4}(?:is |to )?$/i.test(occurrence.before)) return PORT('text')
  return OTHER('a text for people, and nothing in it says that this is the port')
}

const isIn = ({ start, end }: Occurrence, place: KnownPlace): boolean => place.start <= start && end <= place.end

function ofOthers(occurrence: Occurrence, { own, others }: MeaningContext): Meaning | undefined {
  const other = others.find((place) => isIn(occurrence, place))
  return other === undefined || own.some((place) => isIn(occurrence, place)) ? undefined : OTHER(`the port of ${other.service}`)
}

/** A policy is read whole: what is not known of it is another service's or another environment's. */
function ofPolicy(occurrence: Occurrence, { own, isPolicy }: MeaningContext): Meaning | undefined {
  if (!isPolicy) return undefined
  return own.some((place) => isIn(occurrence, place)) ? PORT('policy') : OTHER('of another service or environment')
}

/** Of `127.0.0.1:8000:8000` the last is the container's, and goes along where what listens in it does. */
function published(occurrence: Occurrence, { own }: MeaningContext): Meaning | undefined {
  if (!own.some((place) => place.role === 'published port' && isIn(occurrence, place))) return undefined
  const isOuter = /^:[\d$]/.test(occurrence.after) || /\bpublished\s*["']?:\s*["']?$/.test(occurrence.before)
  if (isOuter || own.some((place) => place.role === 'container port' && isIn(occurrence, place))) return PORT('published port')
  return INNER_STAYS
}

function ofReaders(occurrence: Occurrence, { own, inner }: MeaningContext): Meaning | undefined {
  const place = own.find((each) => isIn(occurrence, each))
  if (place?.role === 'container port' && inner === 'stays') return INNER_STAYS
  return place === undefined ? undefined : PORT(place.role)
}

/** `http://localhost:`, `127.0.0.1:`, `[::1]:`, `${HOST}:`. */
const ADDRESS =
  /(?:(?<scheme>[a-z][a-z0-9+.-]{1,20}):\/\/(?:[^\s"'`/@]{1,256}@)?)?(?<host>\[[0-9a-fA-F:.]+\]|\$?\{[^{}]{1,100}\}|\$\w+|[\w.*-]+):$/

/** By which a container calls the machine that it runs on (Docker Desktop and `extra_hosts: host-gateway`; podman-run(1)). */
const MACHINE_OF_CONTAINER: ReadonlySet<string> = new Set(['host.docker.internal', 'gateway.docker.internal', 'host.containers.internal'])

function address(occurrence: Occurrence, context: MeaningContext): Meaning | undefined {
  const { names, inner } = context
  const { scheme, host = '' } = ADDRESS.exec(occurrence.before)?.groups ?? {}
  if (host === '' || (scheme === undefined && /^\d+$/.test(host))) return undefined
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

/** `PORT=`, `"PORT": "`, `process.env.PORT || `, `os.getenv("PORT", "`, `${PORT:-`. */
const NAMED =
  /(?<name>[A-Za-z_]\w{0,64})["'\]]{0,2}\)?\s{0,8}(?::-|:=|-(?=$)|=|:|\?\?|\|\||,|\bor\b)\s{0,8}["'`]?(?:(?:int|Number|parseInt|str|String)\()?["'`]?$/

function variable(occurrence: Occurrence, { names, structured, others }: MeaningContext): Meaning | undefined {
  const name = NAMED.exec(occurrence.before)?.groups?.['name']
  if (name === undefined || !names.portVariables.has(name)) return undefined
  if (structured) return OTHER(`${name} of a start that is not this service’s`)
  const [other] = occurrence.kind === 'source' ? others : []
  return other === undefined ? PORT('variable') : OTHER(`in the code of ${other.service}`)
}

/** Tools that ask for a port of this machine, by their manual pages: `nc -z localhost 8000`, `lsof -i :8000`, `fuser 8000/tcp`, `ss 'sport = :8000'`. */
const PROBES =
  /(?:\b(?:nc|ncat|telnet)\b[^|;&]{0,80}\s(?:localhost|127\.0\.0\.1|::1)\s+|\b(?:lsof|netstat|ss)\b[^|;&]{0,80}[\s:]|\bfuser\b[^|;&]{0,40}\s|\b(?:npx\s+)?kill-port\s+|\bssh\b[^|;&]{0,120}\s-L\s?(?:[\d.]+:)?(?:\d+:(?:localhost|127\.0\.0\.1):)?)$/

function probe(occurrence: Occurrence, context: MeaningContext): Meaning | undefined {
  const { before, kind } = occurrence
  return (kind === 'script' || kind === 'prose') && PROBES.test(before) ? onLoopback(occurrence, context) : undefined
}

function firewall(occurrence: Occurrence): Meaning | undefined {
  return letsIn(occurrence) ? PORT('firewall') : undefined
}

/** `EXPOSE 8000` in the image that the service runs in. */
function container({ kind, before, start }: Occurrence, { surroundings, inner }: MeaningContext): Meaning | undefined {
  if (kind !== 'dockerfile' || !/^\s*EXPOSE\s[\d\s/a-z]*$/i.test(before)) return undefined
  if (surroundings(start) !== 'own container') return OTHER('of another image')
  return inner === 'stays' ? INNER_STAYS : PORT('container port')
}
