import type { FileOrigin, Setting, Text } from '../../../evidence/index.ts'
import { setting } from '../../secret.ts'
import type { Node } from '../../tree.ts'
import { argumentsOf, propertyName } from '../source/syntax.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { isNothing, type Meaning, optionsOf, valueOf } from '../values/meaning.ts'
import { settled } from '../values/values.ts'

/** The variables that a program is started with. */
export interface ChildEnvironment {
  /** Those of the program that starts it are among them. */
  readonly inherits: boolean
  readonly set: ReadonlyMap<string, Setting>
  /** The place that may set any other. */
  readonly unseen: FileOrigin | undefined
}

/** Variables of one program that are followed. */
const MOST = 100
/** Objects within objects that are laid over one another. */
const DEPTH = 6

/** `object.NAME = …`, `object['NAME'] = …`: names that are given to an object after it was made. */
const WRITTEN = /(?:\.\s{0,5}|\[\s{0,5}['"`])([A-Za-z_]\w{0,60})(?:['"`]\s{0,5}\])?\s{0,5}(?:=(?![=>])|\|\|=|\?\?=)/g

const NAMES = new WeakMap<Text, readonly string[]>()

function writtenNames(file: Text): readonly string[] {
  let names = NAMES.get(file)
  if (names === undefined) {
    names = [...new Set([...file.content.matchAll(WRITTEN)].map((match) => match[1] ?? ''))].slice(0, MOST)
    NAMES.set(file, names)
  }
  return names
}

/** What the option `env` says. `inherits`: what holds where it says nothing. */
export function environmentOf(env: Meaning, call: Node, evaluator: Evaluator, inherits: boolean): ChildEnvironment {
  const found: Layers = { inherits, names: new Set(), unseen: undefined }
  if (!isNothing(env)) layersOf(env, call, evaluator, found, 0)
  const written = writtenNames(call.file)
  const set = new Map<string, Setting>()
  const own = isNothing(env) ? [] : [...new Set([...found.names, ...(env.kind === 'environment' ? [] : written)])]
  for (const name of own.slice(0, MOST)) {
    const given = evaluator.property(env, name, call)
    if (!isNothing(given) && !isPassedOn(given, name)) set.set(name, setting(name, settled(valueOf(given, call.origin)), call.origin))
  }
  // What the program sets in its own environment before.
  if (found.inherits)
    for (const name of new Set(written)) {
      if (set.has(name) || !/^[A-Z]/.test(name)) continue
      const given = evaluator.property({ kind: 'environment' }, name, call)
      if (!isPassedOn(given, name)) set.set(name, setting(name, settled(valueOf(given, call.origin)), call.origin))
    }
  return { inherits: found.inherits, set, unseen: found.unseen }
}

interface Layers {
  inherits: boolean
  readonly names: Set<string>
  unseen: FileOrigin | undefined
}

/** `process.env.NAME` as the variable of that name: it stays what it is. */
function isPassedOn(given: Meaning, name: string): boolean {
  return given.kind === 'value' && given.value.kind === 'environment' && given.value.name === name && given.value.fallback.kind === 'absent'
}

function layersOf(env: Meaning, call: Node, evaluator: Evaluator, found: Layers, depth: number): void {
  for (const option of optionsOf(env)) {
    if (isNothing(option)) continue
    if (option.kind === 'environment') found.inherits = true
    else if (depth > DEPTH) found.unseen = call.origin
    else if (option.kind === 'object') membersOf(option, call, evaluator, found, depth)
    else if (option.kind === 'merged' && option.made !== undefined)
      for (const source of argumentsOf(option.made)) layersOf(evaluator.meaning(source, undefined), call, evaluator, found, depth + 1)
    else found.unseen = call.origin
  }
}

function membersOf(
  { node, frame }: Extract<Meaning, { readonly kind: 'object' }>,
  call: Node,
  evaluator: Evaluator,
  found: Layers,
  depth: number,
): void {
  for (const member of node.named.slice(0, MOST)) {
    const inner = member.kind === 'spread_element' ? member.named[0] : undefined
    const name =
      member.kind === 'shorthand_property_identifier' ? member.content : propertyName(member.field('key') ?? member.field('name'))
    if (inner !== undefined) layersOf(evaluator.meaning(inner, frame), call, evaluator, found, depth + 1)
    else if (name === undefined) found.unseen = member.origin
    else found.names.add(name)
  }
}
