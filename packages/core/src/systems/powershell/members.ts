import { ABSENT, type FileOrigin, type Value } from '../../evidence/index.ts'
import { directoryOf, nameOf } from '../paths.ts'
import { type Datum, isValue, type Item, itemsOf, joined, known, listOf, plain, textOf, unknown } from './datum.ts'
import type { Surroundings } from './surroundings.ts'
import { joinedPath, slashed } from './locations.ts'
import { operated } from './operators.ts'
import type { Expression } from './syntax.ts'

type Member = Extract<Expression, { readonly kind: 'member' }>

/** Properties and methods that give a path, a command or a text as it is. */
const SAME: ReadonlySet<string> = new Set([
  'definition',
  'fullname',
  'path',
  'providerpath',
  'source',
  'tostring',
  'trim',
  'trimend',
  'trimstart',
  'value',
])

/** `datum.name` or `datum.name(…)`. */
export function memberOf(
  datum: Datum,
  { name, target }: Member,
  given: readonly Datum[] | undefined,
  at: Surroundings,
  origin: FileOrigin,
): Datum {
  if (datum.kind === 'table') return ofTable(datum.entries, name, given, origin)
  if (datum.kind === 'list') return ofList(datum.items, name, given, target, at, origin)
  if (datum.kind === 'block') return datum
  if (SAME.has(name)) return datum
  const text = plain(datum)
  if (text === undefined) return unknown(`\`.${name}\` of what is not known`, origin)
  const value = ofText(text, name, given)
  return value === undefined
    ? unknown(`\`.${name}\` is not followed`, origin)
    : known(value, datum.kind === 'known' ? datum.origin : origin)
}

function ofText(text: string, name: string, given: readonly Datum[] | undefined): string | number | undefined {
  switch (name) {
    case 'tolower':
    case 'tolowerinvariant':
      return text.toLowerCase()
    case 'toupper':
    case 'toupperinvariant':
      return text.toUpperCase()
    case 'length':
      return text.length
    case 'parent':
    case 'directoryname':
      return directoryOf(slashed(text))
    case 'name':
      return nameOf(slashed(text))
    case 'replace': {
      const [what, by] = [plain(given?.[0]), plain(given?.[1])]
      return what === undefined || by === undefined || what === '' ? undefined : text.replaceAll(what, by)
    }
    default:
      return undefined
  }
}

function ofTable(entries: ReadonlyMap<string, Datum>, name: string, given: readonly Datum[] | undefined, origin: FileOrigin): Datum {
  const [key] = given ?? []
  if (given !== undefined) return (key === undefined ? undefined : entries.get((plain(key) ?? '').toLowerCase())) ?? ABSENT
  const entry = entries.get(name)
  if (entry !== undefined) return entry
  if (name === 'count') return known(entries.size, origin)
  if (name === 'keys') return listOf([...entries.keys()].map((each) => known(each, origin)))
  return name === 'values' ? listOf([...entries.values()]) : unknown(`a table without \`${name}\``, origin)
}

function ofList(
  items: readonly Item[],
  name: string,
  given: readonly Datum[] | undefined,
  target: Expression,
  at: Surroundings,
  origin: FileOrigin,
): Datum {
  if ((name === 'count' || name === 'length') && !items.some((item) => item.kind === 'fork')) return known(items.length, origin)
  if ((name === 'add' || name === 'addrange') && given !== undefined && target.kind === 'variable') {
    const more = given.flatMap((datum) => (name === 'addrange' ? itemsOf(datum) : [datum]))
    at.scope.assign(target.name, listOf([...items, ...more]), origin)
    return ABSENT
  }
  const [block] = given ?? []
  if (name === 'foreach' && block?.kind === 'block') return at.each(block, items, at)
  if (name === 'toarray') return listOf(items)
  // A member of a list is that member of each of its parts.
  if (items.every((item) => item.kind === 'table')) return listOf(items.map((item) => ofTable(item.entries, name, given, origin)))
  return unknown(`\`.${name}\` of a list is not followed`, origin)
}

/** `[type]::name` or `[type]::name(…)`. */
export function called(type: string, name: string, given: readonly Datum[] | undefined, at: Surroundings, origin: FileOrigin): Datum {
  const [first, second] = given ?? []
  const key = `${type}::${name}`
  switch (key) {
    case 'environment::getenvironmentvariable': {
      const variable = plain(first)
      if (variable === undefined) return unknown('which variable is read is not known', origin)
      return at.scope.environment(variable)?.value ?? { kind: 'environment', name: variable, fallback: ABSENT, emptyIsUnset: true, origin }
    }
    case 'environment::setenvironmentvariable': {
      at.setEnvironment(plain(first), second === undefined ? ABSENT : textOf(second, origin), at, origin)
      return ABSENT
    }
    case 'string::join':
      return second?.kind === 'list' ? joined(second, plain(first) ?? ' ', origin) : unknown('a text that is not known', origin)
    case 'string::format':
      return operated('-f', first ?? ABSENT, listOf((given ?? []).slice(1)), origin)
    case 'io.path::combine':
      return (given ?? []).reduce<Value>((path, part) => joinedPath(path, textOf(part, origin), origin), ABSENT)
    case 'io.path::getfullpath':
      return first ?? ABSENT
    case 'io.path::getdirectoryname':
      return isValue(first ?? ABSENT) && plain(first) !== undefined
        ? known(directoryOf(slashed(plain(first) ?? '')), origin)
        : unknown('the directory of what is not known', origin)
    case 'diagnostics.process::start':
      at.problem('what is started this way is not followed', origin)
      return ABSENT
    default:
      return name === 'new' && /list/.test(type) ? listOf([]) : unknown(`\`[${type}]::${name}\` is not followed`, origin)
  }
}
