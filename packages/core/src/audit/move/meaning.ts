import { address, probe } from './address.ts'
import { INNER_STAYS, type Meaning, type MeaningContext, OTHER, PORT } from './context.ts'
import type { KnownPlace } from './exact.ts'
import { letsIn } from './firewall.ts'
import { ofManifest } from './manifest.ts'
import type { Occurrence } from './text.ts'

type Recogniser = (occurrence: Occurrence, context: MeaningContext) => Meaning | undefined

/** In this order; the first that knows decides. */
const RECOGNISERS: readonly Recogniser[] = [
  elsewhere,
  comment,
  ofOthers,
  ofPolicy,
  published,
  ofReaders,
  ofManifest,
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
  if (name === undefined) return OTHER('nothing says that this is the port')
  // `containerPort: 3000`, `tcp:3000`: it is one; of whom, is not said.
  return OTHER(/port$|^(?:tcp|udp|https?)$/i.test(name) ? `a port (${name}), and nothing says whose` : `${name} is not what gives the port`)
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

function firewall(occurrence: Occurrence): Meaning | undefined {
  return letsIn(occurrence) ? PORT('firewall') : undefined
}

/** `EXPOSE 8000` in the image that the service runs in. */
function container({ kind, before, start }: Occurrence, { surroundings, inner }: MeaningContext): Meaning | undefined {
  if (kind !== 'dockerfile' || !/^\s*EXPOSE\s[\d\s/a-z]*$/i.test(before)) return undefined
  if (surroundings(start) !== 'own container') return OTHER('of another image')
  return inner === 'stays' ? INNER_STAYS : PORT('container port')
}
