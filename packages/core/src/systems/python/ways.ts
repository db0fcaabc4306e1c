import type { Node } from '../tree.ts'
import { argumentsOf } from './call-arguments.ts'
import type { Evaluator } from './evaluator.ts'
import { assignedTo, type Module } from './module.ts'
import { bare, literalText } from './syntax.ts'
import { type Frame, NONE, several, type Thing, unknown, type Way } from './thing.ts'
import { handedTo, wholeWritesAt, type Write, writeUnderKey } from './writes.ts'

/** Ways to one dictionary that are kept, and how often one name leads to another. */
const WAYS = 12
const DEPTH = 4

/** `cfg["server"]`, `self.cfg.get("server", {})`: a name or attribute, and the keys behind it. */
export function wayOf(object: Node): Way | undefined {
  const keys: string[] = []
  for (let node = bare(object); ; ) {
    if (node.kind === 'identifier' || node.kind === 'attribute') return { node, keys }
    const getter = node.kind === 'call' ? node.field('function') : undefined
    const inner = node.kind === 'subscript' ? node.field('value') : isGetter(getter) ? getter?.field('object') : undefined
    const key = textOfKey(node.kind === 'subscript' ? node.named[1] : argumentsOf(node, undefined).positional[0]?.node)
    if (inner === undefined || key === undefined) return undefined
    keys.unshift(key)
    node = bare(inner)
  }
}

const isGetter = (callee: Node | undefined): boolean =>
  callee?.kind === 'attribute' && /^(?:get|setdefault)$/.test(callee.field('attribute')?.content ?? '')

const textOfKey = (node: Node | undefined): string | undefined => (node?.kind === 'integer' ? node.content : literalText(node))

/** A dictionary or the table of a file that was come to by these ways too. */
export function cameBy(thing: Thing, ways: readonly Way[]): Thing {
  if (thing.kind === 'several') return { ...thing, options: thing.options.map((option) => cameBy(option, ways)) }
  if (thing.kind !== 'mapping' && thing.kind !== 'data') return thing
  return { ...thing, ways: [...(thing.ways ?? []), ...ways].slice(0, WAYS) }
}

/** What is one key further in. */
export const within = (ways: readonly Way[], key: string): readonly Way[] => ways.map(({ node, keys }) => ({ node, keys: [...keys, key] }))

/** Everything in the file that gives the entry of the dictionary at the end of a way another value. */
export function writesAlong(evaluator: Evaluator, module: Module, { node, keys }: Way, name: string, depth = DEPTH): readonly Write[] {
  const last = node.kind === 'attribute' ? (node.field('attribute')?.content ?? '') : node.content
  const scope = node.kind === 'identifier' ? module.lookup(last, node)[0]?.scope : undefined
  const path = [...keys, name]
  return module.occurrences(last).flatMap((one) => {
    const place = node.kind === 'attribute' ? one.parent : one
    if (place === undefined || (place.content !== node.content && place.kind === 'attribute') || (place === one && isOtherName(one)))
      return []
    const found = writesFrom(evaluator, module, place, path, depth)
    return found.length > 0 && node.kind === 'identifier' && module.lookup(last, one)[0]?.scope !== scope ? [] : found
  })
}

/** The name of an attribute or of an argument, and not the name itself. */
function isOtherName(node: Node): boolean {
  const outer = node.parent
  return outer?.kind === 'attribute'
    ? outer.field('attribute') === node
    : outer?.kind === 'keyword_argument' && outer.field('name') === node
}

/** Those that begin with this place of the name: to what stands at each key on the way, and to the entry itself. */
function writesFrom(evaluator: Evaluator, module: Module, place: Node, path: readonly string[], depth: number): readonly Write[] {
  const found: Write[] = []
  let isSure = true
  let node = place
  for (const [index, key] of path.entries()) {
    while (node.parent?.kind === 'parenthesized_expression') node = node.parent
    const further = path.slice(index + 1)
    const rest = path.slice(index)
    const step = above(node)
    const whole = [...wholeWritesAt(node, key), ...(step === undefined ? [] : writesOfStep(step, key))].map((write) =>
      inside(write, further),
    )
    const other = [...byOtherName(evaluator, module, node, rest, depth), ...inCall(evaluator, node, rest, depth)]
    found.push(...[...whole, ...other].map((write) => (isSure ? write : perhaps(write))))
    if (step === undefined) break
    const text = typeof step.key === 'string' ? step.key : textOfKey(step.key)
    if (text !== undefined && text !== key) break
    if (text === undefined) isSure = false
    node = step.outer
  }
  return found
}

/** One key further in, as it is written around an expression. */
interface Step {
  readonly outer: Node
  readonly key: Node | string
}

function above(node: Node): Step | undefined {
  const outer = node.parent
  if (outer?.kind === 'subscript' && outer.field('value') === node) {
    const key = outer.named[1]
    return key === undefined || key.kind === 'slice' ? undefined : { outer, key }
  }
  if (outer?.kind !== 'attribute' || outer.field('object') !== node) return undefined
  const call = outer.parent?.kind === 'call' && outer.parent.field('function') === outer ? outer.parent : undefined
  if (call === undefined) return { outer, key: outer.field('attribute')?.content ?? '' }
  const key = isGetter(outer) ? argumentsOf(call, undefined).positional[0]?.node : undefined
  return key === undefined ? undefined : { outer: call, key }
}

/** `object["name"] = …`, `object[key] = …`, `object["name"] += …`, `del object["name"]`. */
function writesOfStep({ outer, key }: Step, name: string): readonly Write[] {
  const statement = outer.parent
  const text = typeof key === 'string' ? key : textOfKey(key)
  if (statement === undefined || (text !== undefined && text !== name)) return []
  const given = assignedTo(outer)
  if (given !== undefined && text === undefined && typeof key !== 'string') return [writeUnderKey(key, given.value, given.node, name)]
  if (given !== undefined) return [{ node: given.node, thing: (evaluator, frame) => evaluator.evaluate({ node: given.value, frame }) }]
  // What is laid over a dictionary with `|=` is a change of the whole of it.
  if (statement.kind === 'augmented_assignment' && statement.field('left') === outer && statement.field('operator')?.kind !== '|=')
    return [{ node: statement, thing: () => unknown('changed when the program runs', statement.origin) }]
  const deleted: Write = { node: statement, thing: () => NONE }
  return statement.kind !== 'delete_statement' ? [] : [text === undefined ? perhaps(deleted) : deleted]
}

/** `server = cfg["server"]`: what is written to one is written to the other. */
function byOtherName(evaluator: Evaluator, module: Module, node: Node, path: readonly string[], depth: number): readonly Write[] {
  const statement = node.parent
  const left = statement?.kind === 'assignment' && statement.field('right') === node ? statement.field('left') : undefined
  if (depth === 0 || (left?.kind !== 'identifier' && left?.kind !== 'attribute')) return []
  return writesAlong(evaluator, module, { node: left, keys: path.slice(0, -1) }, path.at(-1) ?? '', depth - 1)
}

/** `widen(cfg["server"])`, where `widen` is a function of the folder that writes to its parameter. */
function inCall(evaluator: Evaluator, node: Node, path: readonly string[], depth: number): readonly Write[] {
  const handed = depth === 0 ? undefined : handedTo(evaluator, node)
  const body = handed?.definition.field('body')
  const module = handed === undefined ? undefined : evaluator.moduleOf(handed.definition)
  if (handed === undefined || module === undefined || body === undefined) return []
  const first = module.occurrences(handed.parameter).find((one) => one.within(body))
  const way = first === undefined ? undefined : { node: first, keys: path.slice(0, -1) }
  const writes = way === undefined ? [] : writesAlong(evaluator, module, way, path.at(-1) ?? '', depth - 1)
  const own = writes.filter((write) => write.node.within(body))
  if (own.length === 0) return []
  const thing: Write['thing'] = (_, __, before) => {
    const start = before ?? NONE
    return several([start, ...own.map((write) => write.thing(evaluator, undefined, start))], handed.call.origin)
  }
  return [{ node: handed.call, thing, keeps: true }]
}

const perhaps = (write: Write): Write => ({
  node: write.node,
  thing: (evaluator, frame, before) => several([before ?? NONE, write.thing(evaluator, frame, before)], write.node.origin),
  keeps: true,
})

/** What is left of an entry where a dictionary around it is written. */
function inside(write: Write, keys: readonly string[]): Write {
  if (keys.length === 0) return write
  // What is written may leave what was there, or a part of it.
  const asItWas: Thing = { kind: 'external', name: '', origin: write.node.origin }
  const entry = (evaluator: Evaluator, thing: Thing, before: Thing | undefined): Thing => {
    if (thing === asItWas) return before ?? NONE
    if (thing.kind !== 'several') return keys.reduce<Thing>((whole, key) => evaluator.item(whole, key, write.node.origin), thing)
    return several(
      thing.options.map((option) => entry(evaluator, option, before)),
      thing.origin,
    )
  }
  return {
    ...write,
    thing: (evaluator, frame: Frame | undefined, before) => entry(evaluator, write.thing(evaluator, frame, asItWas), before),
  }
}
