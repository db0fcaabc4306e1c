import { saysOneOf } from './conditions.ts'
import { libraryProperty } from './libraries.ts'
import { flagGiven } from './operators.ts'
import type { Evaluator } from './evaluator.ts'
import {
  type Argument,
  choiceMeaning,
  eitherMeaning,
  type Frame,
  isNothing,
  isUnknown,
  type Meaning,
  NOTHING,
  unknownMeaning,
  valueMeaning,
  valueOf,
} from './meaning.ts'
import { HONO, HONO_METHODS, serverGivenBy } from '../frameworks/index.ts'
import type { Node } from '../../tree.ts'
import { argumentsOf, literalText } from '../source/syntax.ts'
import { convert, known, toNumber } from './values.ts'

export interface MethodCall {
  readonly receiver: Meaning
  readonly name: string
  readonly call: Node
  readonly frame: Frame | undefined
}

/** What `receiver.name(…)` gives back. */
export function methodCall(method: MethodCall, evaluator: Evaluator): Meaning {
  const { receiver, name, call, frame } = method
  if (receiver.kind === 'choice') {
    return choiceMeaning(
      receiver.options.map((option) => methodCall({ ...method, receiver: option }, evaluator)),
      call.origin,
    )
  }
  return (
    promised(method, evaluator) ??
    evaluator.packages.method(method, evaluator) ??
    BY_KIND[receiver.kind]?.(method, evaluator) ??
    evaluator.called(evaluator.property(receiver, name, call), call, frame)
  )
}

/** Promises are what they bring. */
function promised({ receiver, name, call, frame }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  if (name === 'catch' || name === 'finally') return receiver.kind === 'library' ? undefined : receiver
  const [callback] = argumentsOf(call)
  if (name !== 'then' || callback === undefined) return undefined
  const next = evaluator.meaning(callback, frame)
  return next.kind === 'function' ? evaluator.apply(next, [{ node: undefined, meaning: () => receiver }], undefined) : receiver
}

type ByKind = (method: MethodCall, evaluator: Evaluator) => Meaning | undefined

const BY_KIND: Readonly<Partial<Record<Meaning['kind'], ByKind>>> = {
  server: (method) => serverMethod(method),
  value: (method, evaluator) => validatedVariable(method, evaluator) ?? valueMethod(method),
  function: ({ receiver, name, call, frame }, evaluator) => {
    if (receiver.kind !== 'function') return undefined
    if (name === 'bind') return receiver
    if (name !== 'call') return undefined
    const rest = argumentsOf(call).slice(1)
    return evaluator.apply(
      receiver,
      rest.map((node) => ({ node, meaning: () => evaluator.meaning(node, frame) })),
      undefined,
    )
  },
  arguments: ({ receiver, name, call, frame }, evaluator) => {
    const [first] = argumentsOf(call)
    const flag = name === 'includes' ? literalText(first) : undefined
    if (flag !== undefined) return valueMeaning(flagGiven(flag, call))
    const start = name !== 'slice' || first === undefined ? undefined : evaluator.value(first, frame)
    if (receiver.kind !== 'arguments' || start?.kind !== 'known' || typeof start.value !== 'number') return undefined
    return { kind: 'arguments', first: receiver.first + start.value }
  },
  array: listMethod,
  list: listMethod,
  data: listMethod,
  result: (method, evaluator) => chained(method) ?? mapMethod(method, evaluator),
  // `Deno.env.get('PORT')`.
  environment: ({ receiver, name, call, frame }, evaluator) => {
    const [first] = argumentsOf(call)
    const variable = name === 'get' && first !== undefined ? evaluator.value(first, frame) : undefined
    return variable?.kind === 'known' ? evaluator.property(receiver, String(variable.value), call) : undefined
  },
  library: ({ receiver, name, call, frame }, evaluator) =>
    receiver.kind === 'library' ? evaluator.called(libraryProperty(receiver.name, name), call, frame) : undefined,
}

/** `new Hono().basePath('/api').get('/', handler)`: still the application. */
function chained({ receiver, name }: MethodCall): Meaning | undefined {
  return receiver.kind === 'result' && APPLICATIONS.has(receiver.of) && HONO_METHODS.has(name) ? receiver : undefined
}

const APPLICATIONS: ReadonlySet<string> = new Set(HONO)

/** What a list of which every item is known gives. */
function listMethod({ receiver, name, call, frame }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  const [first] = argumentsOf(call)
  const items = evaluator.elements(receiver)
  if (items === undefined || first === undefined) return undefined
  switch (name) {
    case 'at': {
      const index = evaluator.value(first, frame)
      return index.kind === 'known' ? evaluator.element(receiver, Number(index.value), call) : undefined
    }
    case 'map': {
      const callback = evaluator.meaning(first, frame)
      const map = (item: Meaning): Meaning =>
        callback.kind === 'function' ? evaluator.apply(callback, [asArgument(item)], undefined) : calledWith(callback, item, call)
      return { kind: 'list', items: items.map((item) => asArgument(map(item))) }
    }
    case 'filter':
      return receiver
    // `['production', 'staging'].includes(process.env.NODE_ENV)`
    case 'includes': {
      const texts = items.flatMap((item) => (item.kind === 'value' && item.value.kind === 'known' ? [String(item.value.value)] : []))
      const said = texts.length === items.length ? saysOneOf(evaluator.value(first, frame), texts, call) : undefined
      return said === undefined ? undefined : valueMeaning(said)
    }
    case 'find':
      // `[process.env.A, process.env.B, 3000].find(Boolean)`: the first that is given.
      if (first === undefined || !ASKS_WHETHER_GIVEN.test(first.content)) return undefined
      return items.reduceRight<Meaning>((later, item) => eitherMeaning(item, later, '||', call.origin), NOTHING)
    default:
      return undefined
  }
}

/** A test that whatever is given passes, and what is not given does not: `Boolean`, `(value) => !isNaN(value)`. */
const ASKS_WHETHER_GIVEN =
  /^(?:Boolean|(?:Number\.)?isFinite|\(?(\w+)\)?\s*=>\s*(?:(?:!!)?\1|!(?:Number\.)?isNaN\(\1\)|(?:Number\.)?isFinite\(\1\)|\1\s*!==?\s*(?:undefined|null)|\1\s*>\s*0))$/

/** `new Map([['api', { port: 3000 }]])`. */
function mapMethod({ receiver, name, call, frame }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  const pairs = receiver.kind === 'result' && receiver.of === '#Map' ? evaluator.elements(receiver) : undefined
  const [key] = argumentsOf(call)
  if (pairs === undefined || receiver.kind !== 'result') return undefined
  if (name === 'entries') return receiver
  if (name === 'values' || name === 'keys') {
    const part = name === 'keys' ? 0 : 1
    return { kind: 'list', items: pairs.map((pair) => asArgument(evaluator.element(pair, part, call))) }
  }
  const asked = name === 'get' && key !== undefined ? evaluator.value(key, frame) : undefined
  if (asked?.kind !== 'known') return undefined
  const found = pairs.flatMap((pair) => {
    const own = valueOf(evaluator.element(pair, 0, call), call.origin)
    return own.kind !== 'known' || own.value === asked.value ? [evaluator.element(pair, 1, call)] : []
  })
  return found.length === 0 ? undefined : choiceMeaning(found, call.origin)
}

const asArgument = (meaning: Meaning): Argument => ({ node: undefined, meaning: () => meaning })

/** `['1', '2'].map(Number)`. */
function calledWith(callback: Meaning, item: Meaning, call: Node): Meaning {
  if (callback.kind === 'library' && /^#(?:Number|parseInt|Number\.parseInt)$/.test(callback.name))
    return valueMeaning(toNumber(valueOf(item, call.origin)))
  return callback.kind === 'library' && callback.name === '#String'
    ? item
    : unknownMeaning('what the list becomes is not followed', call.origin)
}

/** Most methods of a server and of an application give itself back, so that calls can be chained. */
function serverMethod({ receiver, name, call, frame }: MethodCall): Meaning | undefined {
  if (receiver.kind !== 'server') return undefined
  // Of one argument it asks for something that the application keeps.
  if (name === 'get' && argumentsOf(call).length < 2)
    return unknownMeaning(`what \`get\` of the ${receiver.type} application gives back is not followed`, call.origin)
  if (name === 'address') return unknownMeaning('the address is known only while the server runs', call.origin)
  const type = serverGivenBy(receiver.type, name)
  return type === undefined ? receiver : { kind: 'server', type, made: call, frame }
}

/** env-var: `get('PORT').default('3000').asPortNumber()`. */
function validatedVariable({ receiver, name, call, frame }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  if (receiver.kind !== 'value' || receiver.value.kind !== 'environment') return undefined
  const [first] = argumentsOf(call)
  if (name === 'default' && first !== undefined) return eitherMeaning(receiver, evaluator.meaning(first, frame), '??', call.origin)
  return /^(?:required|example|description|as[A-Z]\w*)$/.test(name) ? receiver : undefined
}

const CONVERSIONS: ReadonlyMap<string, (text: string) => string> = new Map([
  ['toString', (text: string) => text],
  ['valueOf', (text: string) => text],
  ['trim', (text: string) => text.trim()],
  ['toLowerCase', (text: string) => text.toLowerCase()],
  ['toUpperCase', (text: string) => text.toUpperCase()],
])

function valueMethod({ receiver, name, call }: MethodCall): Meaning | undefined {
  if (receiver.kind !== 'value') return undefined
  if (isNothing(receiver) || isUnknown(receiver)) return receiver
  const conversion = CONVERSIONS.get(name)
  if (conversion !== undefined) return valueMeaning(convert(receiver.value, (value, origin) => known(conversion(String(value)), origin)))
  // A list in one text: whoever takes the value takes it apart.
  if (name === 'split' || name === 'map' || name === 'filter')
    return literalText(argumentsOf(call)[0]) === ',' || name !== 'split' ? receiver : undefined
  return undefined
}
