import { hostBeforePort } from '../../network/index.ts'
import { ABSENT, type FileOrigin, joinValues, type Value } from '../../evidence/index.ts'
import type { Node } from '../tree.ts'
import { mapKnown } from '../values.ts'
import { branch } from './conditions.ts'
import type { Evaluator } from './evaluator.ts'
import { flagValue } from './flags.ts'
import { argumentsOf } from './syntax.ts'
import { type Frame, NIL, type Thing, unknown, valueOf, valueThing } from './thing.ts'

/** The values that a function outside is given, each made when it is asked for. */
interface Given {
  readonly evaluator: Evaluator
  readonly call: Node
  readonly frame: Frame | undefined
  readonly origin: FileOrigin
  readonly count: number
  thing(index: number): Thing
  value(index: number): Value
}

type Meaning = (given: Given) => Thing

const same: Meaning = (given) => given.thing(0)
/** A number as text, and the other way round. */
const text: Meaning = ({ value }) => valueThing(mapKnown(value(0), (one, at) => ({ kind: 'known', value: String(one), origin: at })))
const number: Meaning = ({ value }) =>
  valueThing(mapKnown(value(0), (one, at) => ({ kind: 'known', value: /^\d{1,9}$/.test(String(one)) ? Number(one) : one, origin: at })))
/** With an error, or whether it is set, beside it. */
const pair =
  (meaning: Meaning): Meaning =>
  (given) => ({ kind: 'tuple', items: [meaning(given), NIL] })

const variable: Meaning = ({ value, origin }) => {
  const name = value(0)
  return name.kind === 'known'
    ? valueThing({ kind: 'environment', name: String(name.value), fallback: ABSENT, emptyIsUnset: false, origin })
    : unknown('which variable it is, is not known', origin)
}

/** `host:port` of a host and a port (net.JoinHostPort): an IPv6 address is put in brackets. */
const hostPort: Meaning = ({ value, origin }) => {
  const host = mapKnown(value(0), (text, at) => ({
    kind: 'known',
    value: hostBeforePort(String(text)),
    origin: at,
  }))
  return valueThing(joinValues([host, { kind: 'known', value: ':', origin }, value(1)], origin))
}

/** The first that is not empty. */
const firstGiven: Meaning = (given) => {
  const { value, origin, count } = given
  const values = Array.from({ length: count }, (_, index) => value(index))
  const found = values.reduceRight<Thing | undefined>(
    (rest, one) =>
      rest === undefined
        ? valueThing(one)
        : branch({ kind: 'given', value: one, isSet: true, emptyIsUnset: true }, valueThing(one), rest, origin),
    undefined,
  )
  return found ?? unknown('nothing is given', origin)
}

/** An address of its parts. */
const address =
  (host: (given: Given) => Thing, port: (given: Given) => Value): Meaning =>
  (given) => {
    const text = mapKnown(valueOf(host(given), given.origin), (value, at) => ({
      kind: 'known',
      value: hostBeforePort(String(value)),
      origin: at,
    }))
    return valueThing(joinValues([text, { kind: 'known', value: ':', origin: given.origin }, port(given)], given.origin))
  }

const four: Meaning = ({ value, origin, count }) => {
  const parts = Array.from({ length: count }, (_, index) => value(index))
  const dot: Value = { kind: 'known', value: '.', origin }
  return valueThing(
    joinValues(
      parts.flatMap((part, index) => (index === 0 ? [part] : [dot, part])),
      origin,
    ),
  )
}

const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['os.Getenv', variable],
  ['syscall.Getenv', pair(variable)],
  ['os.LookupEnv', pair(variable)],
  ['fmt.Sprintf', formatted],
  ['fmt.Sprint', (given) => (given.count === 1 ? text(given) : unknown('put together in a way that is not followed', given.origin))],
  ['net.JoinHostPort', hostPort],
  ['cmp.Or', firstGiven],
  ['strconv.Itoa', text],
  ['strconv.FormatInt', text],
  ['strconv.FormatUint', text],
  ['strconv.Atoi', pair(number)],
  ['strconv.ParseInt', pair(number)],
  ['strconv.ParseUint', pair(number)],
  ['strings.TrimSpace', same],
  ['strings.Clone', same],
  ['os.ExpandEnv', expanded],
  ['net.ParseIP', same],
  ['net.IP#String', same],
  ['net/netip.MustParseAddr', same],
  ['net/netip.ParseAddr', pair(same)],
  ['net/netip.MustParseAddrPort', same],
  ['net/netip.ParseAddrPort', pair(same)],
  [
    'net/netip.AddrPortFrom',
    address(
      (given) => given.thing(0),
      (given) => given.value(1),
    ),
  ],
  ['net.TCPAddrFromAddrPort', same],
  ['net.UDPAddrFromAddrPort', same],
  ['net.IPv4', four],
  ['net.ResolveTCPAddr', pair((given) => given.thing(1))],
  ['net.ResolveUDPAddr', pair((given) => given.thing(1))],
])

/** What a function of a package outside gives. `name`: `os.Getenv`, `flag.FlagSet#String`. */
export function externalCall(evaluator: Evaluator, name: string, call: Node, frame: Frame | undefined): Thing {
  const flag = flagValue(evaluator, name, call, frame)
  if (flag !== undefined) return flag
  const meaning = MEANINGS.get(name)
  if (meaning === undefined) return { kind: 'external', name, origin: call.origin, call: { node: call, frame } }
  const nodes = argumentsOf(call)
  const thing = (index: number): Thing => {
    const node = nodes[index]
    return node === undefined ? unknown('nothing is given', call.origin) : evaluator.evaluate({ node, frame })
  }
  return meaning({
    evaluator,
    call,
    frame,
    origin: call.origin,
    count: nodes.length,
    thing,
    value: (index) => valueOf(thing(index), nodes[index]?.origin ?? call.origin),
  })
}

const VERB = /%(?:[-+# 0]*\d*(?:\.\d+)?)([a-zA-Z%])/g

/** `fmt.Sprintf` with verbs that put a text or a number there as it is. */
function formatted({ value, origin, count }: Given): Thing {
  const format = value(0)
  if (format.kind !== 'known') return unknown('which format it is, is not known', origin)
  const text = String(format.value)
  const parts: Value[] = []
  let from = 0
  let next = 1
  for (const match of text.matchAll(VERB)) {
    parts.push({ kind: 'known', value: text.slice(from, match.index), origin: format.origin })
    from = match.index + match[0].length
    if (match[1] === '%') parts.push({ kind: 'known', value: '%', origin: format.origin })
    else if (!/^%[sdv]$/.test(match[0]) || next >= count) return unknown('put together in a way that is not followed', origin)
    else parts.push(value(next++))
  }
  parts.push({ kind: 'known', value: text.slice(from), origin: format.origin })
  return valueThing(joinValues(parts, origin))
}

/** `$HOST:${PORT}` (os.ExpandEnv). */
function expanded({ value, origin }: Given): Thing {
  const text = value(0)
  if (text.kind !== 'known') return unknown('which variables it names is not known', origin)
  const parts = String(text.value)
    .split(/(\$\{\w+\}|\$\w+)/)
    .map((part): Value => {
      const name = /^\$\{?(\w+)\}?$/.exec(part)?.[1]
      return name === undefined
        ? { kind: 'known', value: part, origin }
        : { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: false, origin }
    })
  return valueThing(joinValues(parts, origin))
}
