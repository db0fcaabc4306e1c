import { ABSENT, type FileOrigin, type Value } from '../../evidence/index.ts'
import { type Datum, isValue, type Item, itemsOf, known, listOf, plain, textOf, unknown } from './datum.ts'
import { evaluate } from './evaluate.ts'
import { originOf, type Surroundings } from './surroundings.ts'
import type { Expression } from './syntax.ts'

/** A word that a command is given: a parameter's name, or a value. `attached`: `-Name:value`. */
export interface Argument {
  readonly name?: string
  readonly datum: Item
  readonly origin: FileOrigin
  readonly attached: boolean
}

/** A parameter of a command, as far as words are told apart by it. Names in any case. */
export interface ParameterName {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly isSwitch?: boolean
  readonly takesRest?: boolean
  /** Only given by its name. */
  readonly isNamedOnly?: boolean
}

export interface Bound {
  /** By the parameter's name in lower case. */
  readonly given: ReadonlyMap<string, Datum>
  readonly rest: readonly Item[]
}

/** Parameters that every cmdlet has and that take a value (about_CommonParameters). */
const COMMON: readonly ParameterName[] = [
  { name: 'ErrorAction', aliases: ['ea'], isNamedOnly: true },
  { name: 'WarningAction', aliases: ['wa'], isNamedOnly: true },
  { name: 'InformationAction', aliases: ['infa'], isNamedOnly: true },
  { name: 'ErrorVariable', aliases: ['ev'], isNamedOnly: true },
  { name: 'OutVariable', aliases: ['ov'], isNamedOnly: true },
  { name: 'Verbose', aliases: ['vb'], isSwitch: true },
  { name: 'Debug', aliases: ['db'], isSwitch: true },
]

/** The words behind a command's name: lists that are splatted in their places. */
export function argumentsOf(words: readonly Expression[], at: Surroundings): readonly Argument[] {
  return words.flatMap((word): readonly Argument[] => {
    const origin = originOf(word, at)
    const datum = evaluate(word, at)
    if (word.kind === 'splat') return splatted(datum, origin)
    const isBare = (word.kind === 'text' || word.kind === 'expandable') && word.bare
    return [isBare ? argumentOf(datum, origin) : { datum, origin, attached: false }]
  })
}

/** A word that may be a parameter's name: `-Name`, or `-Name:value`. */
export function argumentOf(datum: Datum, origin: FileOrigin): Argument {
  const [first] = datum.kind === 'joined' ? datum.parts : [datum]
  const head = plain(first) ?? ''
  const [whole, name = '', colon] = /^[-–—―]([A-Za-z_][\w-]{0,100})(:?)/.exec(head) ?? []
  if (whole === undefined) return { datum, origin, attached: false }
  if (colon !== ':') return { ...(datum.kind === 'known' && whole === head ? { name } : {}), datum, origin, attached: false }
  const isAlone = datum.kind === 'known' && whole === head
  return { name, datum: isAlone ? datum : behind(datum, whole.length), origin, attached: !isAlone }
}

/** What stands behind `-Name:` in the same word. */
function behind(datum: Datum, length: number): Datum {
  if (datum.kind === 'known') return { ...datum, value: String(datum.value).slice(length) }
  if (datum.kind !== 'joined') return datum
  const [first, ...others] = datum.parts
  const rest = first?.kind === 'known' ? String(first.value).slice(length) : ''
  const parts: readonly Value[] = first?.kind === 'known' && rest !== '' ? [{ ...first, value: rest }, ...others] : others
  const [only] = parts
  return only !== undefined && parts.length === 1 ? only : { ...datum, parts }
}

function splatted(datum: Datum, origin: FileOrigin): readonly Argument[] {
  if (datum.kind === 'table') return [...datum.entries].map(([name, value]) => ({ name, datum: value, origin, attached: true }))
  return itemsOf(datum).map((item) => ({ datum: item, origin, attached: false }))
}

/** Which parameter gets what (about_Parameters): by name, by a beginning of it that only one has, and the others in their order. */
export function bind(words: readonly Argument[], parameters: readonly ParameterName[], isCmdlet: boolean): Bound {
  const all = isCmdlet ? [...parameters, ...COMMON] : parameters
  const given = new Map<string, Datum>()
  const positional: Item[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index]
    if (word === undefined) break
    const parameter = word.name === undefined ? undefined : named(word.name, all)
    if (word.name === undefined) positional.push(word.datum)
    else if (parameter === undefined) {
      // A cmdlet's other switches say nothing here; a function without such a parameter gets the word.
      if (!isCmdlet) positional.push(word.datum)
    } else if (word.attached || parameter.isSwitch === true) {
      given.set(parameter.name.toLowerCase(), word.attached ? single(word.datum) : known(true, word.origin))
    } else {
      const next = words[index + 1]
      const hasValue = next !== undefined && (next.name === undefined || named(next.name, all) === undefined)
      given.set(parameter.name.toLowerCase(), hasValue ? single(next.datum) : ABSENT)
      if (hasValue) index++
    }
  }
  const rest = [...positional]
  for (const parameter of parameters) {
    const key = parameter.name.toLowerCase()
    if (given.has(key) || parameter.isSwitch === true || parameter.isNamedOnly === true) continue
    if (parameter.takesRest === true) {
      given.set(key, listOf(rest.splice(0)))
      continue
    }
    const next = rest.shift()
    if (next === undefined) break
    given.set(key, single(next))
  }
  return { given, rest }
}

function single(item: Item): Datum {
  return item.kind === 'fork' ? listOf([item]) : item
}

function named(name: string, parameters: readonly ParameterName[]): ParameterName | undefined {
  const wanted = name.toLowerCase()
  const exact = parameters.find((one) => one.name.toLowerCase() === wanted || one.aliases?.some((alias) => alias.toLowerCase() === wanted))
  if (exact !== undefined) return exact
  const beginning = parameters.filter((one) => one.name.toLowerCase().startsWith(wanted))
  return beginning.length === 1 ? beginning[0] : undefined
}

/** The words of a native command as PowerShell hands them over: parts of lists each for itself. */
export function nativeWords(words: readonly Argument[]): readonly Item[] {
  return words.flatMap((word): readonly Item[] => {
    if (word.name === undefined || !word.attached) return flat(word.datum)
    // `-Name:value` stays one word for a program; an entry of a splatted table becomes one.
    const value = textOf(single(word.datum), word.origin)
    return [joinedWord(`-${word.name}:`, value, word.origin)]
  })
}

function joinedWord(head: string, value: Value, origin: FileOrigin): Value {
  const text = plain(value)
  if (text !== undefined) return known(head + text, origin)
  return value.kind === 'absent' ? known(head, origin) : { kind: 'joined', parts: [known(head, origin), value], origin }
}

function flat(item: Item): readonly Item[] {
  if (item.kind === 'fork') return [{ kind: 'fork', ways: item.ways.map((way) => way.flatMap(flat)) }]
  if (item.kind === 'list') return item.items.flatMap(flat)
  if (item.kind === 'absent') return []
  if (item.kind === 'table' || item.kind === 'block') return []
  return [alternatives(item)]
}

/** A word that is one of several, some of which are options, nothing, or programs: each is a way of its own. */
function alternatives(value: Value): Item {
  if (value.kind !== 'choice') return value
  const apart = value.options.some((option) => option.kind === 'absent' || /^(?:-.*)?$/s.test(plain(option) ?? 'x'))
  if (!apart) return value
  return { kind: 'fork', ways: value.options.map((option) => (option.kind === 'absent' || plain(option) === '' ? [] : [option])) }
}

/** Values only: what else a list holds is no word. */
export function valuesOf(items: readonly Item[], origin: FileOrigin): readonly Value[] {
  return items.map((item) => (isValue(item) ? item : unknown('a word that is not followed', origin)))
}
