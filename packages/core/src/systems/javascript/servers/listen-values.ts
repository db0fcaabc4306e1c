import { ABSENT, type FileOrigin, type Value } from '../../../evidence/index.ts'
import type { Argument, Meaning } from '../values/meaning.ts'
import type { Node } from '../../tree.ts'
import { bare, FUNCTIONS } from '../source/syntax.ts'
import { choiceOf, chosenBy, convert, known, meantAbsent } from '../values/values.ts'

/** What the arguments of `listen` mean to the platform, and what unknown ones probably are. */

/** One port of several possible. `undefined`: none of them is a port. */
export function portOf(values: readonly Value[], at: FileOrigin): Value | undefined {
  const ports = values.flatMap((value) => portValue(value) ?? [])
  return ports.length === 0 ? undefined : choiceOf(ports, at)
}

/** A port as a number where it is known; `undefined` for what is none: a socket's path, `false`. */
function portValue(value: Value): Value | undefined {
  switch (value.kind) {
    case 'known': {
      if (typeof value.value === 'boolean') return undefined
      const number = Number(value.value)
      return Number.isInteger(number) && number >= 0 && number <= 65_535 ? known(number, value.origin) : undefined
    }
    case 'environment':
    case 'argument': {
      if (value.kind === 'environment' && value.whenSet !== undefined)
        return { ...value, fallback: portValue(value.fallback) ?? ABSENT, whenSet: portValue(value.whenSet) ?? ABSENT }
      if (value.fallback.kind !== 'absent') return { ...value, fallback: portValue(value.fallback) ?? ABSENT }
      return /SOCK(?:ET)?(?:_?PATH|_?FILE)?$|_PATH$/.test(value.name) ? undefined : value
    }
    case 'choice': {
      const [yes, no] = value.options.map(portValue)
      return value.when === undefined || yes === undefined || no === undefined
        ? portOf(value.options, value.origin)
        : chosenBy(value.when, yes, no, value.origin)
    }
    default:
      return value
  }
}

/** A host as the platform takes it: an empty one is none, Vite's `true` is every address. */
export function hostValue(value: Value): Value {
  const isMeant = saysNothing(value)
  const converted = convert(value, (given, origin) =>
    given === '' || given === false ? ABSENT : given === true ? known('::', origin) : known(given, origin),
  )
  const plain = isMeant ? meantAbsent(converted) : converted
  // Without a fallback of its own an empty variable is what the platform takes for none.
  return plain.kind === 'environment' && plain.fallback.kind === 'absent' ? { ...plain, emptyIsUnset: true } : plain
}

/** `process.env.HOST || ''`. */
const saysNothing = (value: Value): boolean =>
  value.kind === 'environment' && (value.fallback.kind === 'known' ? value.fallback.value === '' : saysNothing(value.fallback))

/** A function, or something of a package or the platform, which is never a host or port. */
export function isFunctionLike(argument: Argument, meaning: Meaning): boolean {
  return (
    meaning.kind === 'function' ||
    (meaning.kind === 'library' && !/(?:port|host|hostname|address|ip)$/i.test(meaning.name)) ||
    (argument.node !== undefined && FUNCTIONS.has(bare(argument.node).kind))
  )
}

const CALLBACK = /^(?:cb|callback|done|next|resolve|reject|fn|ready|listener|on[A-Z]\w*|\w*(?:Callback|Handler|Listener|Cb|Resolve))$/
const MAKES_FUNCTION = /(?:\.bind|promisify|once|debug|logger?)$/

/** Something that is not known, named as callbacks are. */
export function looksLikeCallback(node: Node | undefined): boolean {
  if (node === undefined) return false
  const inner = bare(node)
  return CALLBACK.test(lastName(inner)) || (inner.kind === 'call_expression' && MAKES_FUNCTION.test(inner.field('function')?.content ?? ''))
}

/** `app.fetch`, `handler`. */
export const looksLikeHandler = (node: Node | undefined): boolean =>
  node !== undefined && /(?:handler|fetch|app|callback)$/i.test(lastName(bare(node)))

/** A Unix socket's path that is not known, by what people call it. */
export const looksLikeSocket = (node: Node | undefined): boolean =>
  node !== undefined && /sock(?:et)?_?(?:path|file)?$|pipe$/i.test(lastName(bare(node)))

/** `listen(options)` where the options are not known is told from `listen(port)` by what people call them. */
export const looksLikeOptions = (node: Node | undefined): boolean =>
  node !== undefined && /(?:opts|options|config|conf|settings|address|listen)$/i.test(lastName(bare(node)))

function lastName(node: Node): string {
  return (node.kind === 'member_expression' ? node.field('property')?.content : node.content) ?? ''
}

/** What the first of the variables says that is set, where nothing else is said. */
export function orElse(names: readonly string[] | undefined, said: Value, origin: FileOrigin): Value {
  return said.kind === 'absent' ? unlessSet(names, said, origin) : said
}

/** What the first of the variables says that is set; where none is, what is said. */
export function unlessSet(names: readonly string[] | undefined, said: Value, origin: FileOrigin): Value {
  if (names === undefined) return said
  return names.reduceRight<Value>(
    (fallback, name) => ({ kind: 'environment', name, fallback, emptyIsUnset: true, optional: true, origin }),
    said,
  )
}
