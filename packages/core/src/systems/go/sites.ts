import type { Node } from '../tree.ts'
import type { Evaluator } from './evaluator.ts'
import type { GoFile } from './file.ts'
import { BINDING_NAMES, isOwner, knownCall, type KnownCall, ownersOf } from './frameworks.ts'
import { argumentsOf, unversioned } from './syntax.ts'
import { content, valueOf } from './thing.ts'
import type { GoType } from './types.ts'

/** A place that binds. */
export interface Site {
  readonly known: KnownCall
  /** The call; the function itself where it is handed on to be called elsewhere. */
  readonly node: Node
  /** The name that is called: the place that is shown. */
  readonly name: Node
  /** What the method is of. */
  readonly receiver: Node | undefined
  /** The embedded fields on the way from the receiver to what has the method. */
  readonly through: readonly string[]
  /** `undefined`: it is handed on, and others call it. */
  readonly given: readonly Node[] | undefined
}

/** Every place of a file that binds. */
export function sitesOf(evaluator: Evaluator, file: GoFile): readonly Site[] {
  return BINDING_NAMES.filter((name) => file.file.content.includes(name))
    .flatMap((name) => file.occurrences(name))
    .flatMap((name) => siteAt(evaluator, name) ?? [])
    .toSorted((a, b) => a.node.start - b.node.start)
}

function siteAt(evaluator: Evaluator, name: Node): Site | undefined {
  const selector = name.parent?.kind === 'selector_expression' && name.parent.field('field') === name ? name.parent : undefined
  const callee = selector ?? (name.kind === 'identifier' ? name : undefined)
  if (callee === undefined) return undefined
  const found = meaningOf(evaluator, callee)
  if (found === undefined) return undefined
  const call = callee.parent
  const isCalled = call?.kind === 'call_expression' && call.field('function') === callee
  const receiver = found.known.call.name.includes('#') ? selector?.field('operand') : undefined
  return { ...found, node: isCalled ? call : callee, name, receiver, given: isCalled ? argumentsOf(call) : undefined }
}

function meaningOf(evaluator: Evaluator, callee: Node): Pick<Site, 'known' | 'through'> | undefined {
  const { types } = evaluator
  const external = types.externalName(callee)
  const known = external === undefined ? undefined : knownCall(external)
  if (known !== undefined) return { known, through: [] }
  const operand = callee.kind === 'selector_expression' ? callee.field('operand') : undefined
  if (operand === undefined || types.importPath(operand) !== undefined) return undefined
  const method = callee.field('field')?.content ?? ''
  // What a type of the folder has itself hides what is embedded in it.
  if (types.definition(callee) !== undefined) return undefined
  const type = types.of(operand)
  if (type === undefined) return guessed(evaluator, callee, operand, method)
  const through = types.methodOwner(type, (name) => isOwner(name) && knownCall(`${name}#${method}`) !== undefined)
  if (through === undefined || through.length === 0) return undefined
  const owner = through.reduce<GoType | undefined>((outer, name) => types.field(outer, name), type)
  const embedded = owner?.kind === 'external' ? knownCall(`${owner.name}#${method}`) : undefined
  return embedded === undefined ? undefined : { known: embedded, through }
}

/**
 * A method of something whose type cannot be told (a package outside gave it): taken for the one that binds where the file imports its
 * package, and the call looks like it. What the standard library gives is known not to be.
 */
function guessed(evaluator: Evaluator, callee: Node, operand: Node, method: string): Pick<Site, 'known' | 'through'> | undefined {
  const call = callee.parent
  if (call?.kind !== 'call_expression' || call.field('function') !== callee) return undefined
  const imported = evaluator.project.importsOf(callee.file.path).map(unversioned)
  const known = ownersOf(method).find(({ call: { name } }) => imported.includes(name.replace(/\.[^./]*$/, '')))
  if (known === undefined) return undefined
  evaluator.begin()
  const thing = content(evaluator.evaluate({ node: operand, frame: undefined }))
  const isOther = thing.kind === 'external' ? !thing.name.split('/', 1)[0]?.includes('.') : thing.kind !== 'value'
  if (isOther) return undefined
  const given = argumentsOf(call)
  if (/^ListenAndServe/.test(method)) return { known, through: [] }
  const [first] = given
  const address = first === undefined ? undefined : valueOf(evaluator.evaluate({ node: first, frame: undefined }), first.origin)
  const parts = address?.kind === 'joined' ? address.parts : address === undefined ? [] : [address]
  return parts.some((part) => part.kind === 'known' && String(part.value).includes(':')) ? { known, through: [] } : undefined
}
