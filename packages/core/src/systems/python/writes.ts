import { argumentsOf } from './call-arguments.ts'
import { combine } from './conditions.ts'
import { dataItem, hasItem } from './data.ts'
import type { Evaluator } from './evaluator.ts'
import { conditionAround, reaching } from './flow.ts'
import type { Module } from './module.ts'
import type { Project } from './project.ts'
import { around, type Node } from '../tree.ts'
import { escaped, literalText, parametersOf, rootOf, scopeOf } from './syntax.ts'
import { isTestCode } from './test-code.ts'
import { type Frame, NONE, several, type Thing, unknown } from './thing.ts'

/** A place that changes an entry of a dictionary or an attribute of an object, and what it makes of it. */
export interface Write {
  readonly node: Node
  /** `before`: what it was. `undefined` there and as a result: it has no value. */
  readonly thing: (evaluator: Evaluator, frame: Frame | undefined, before: Thing | undefined) => Thing
  /** It may leave what was there, or a part of it. */
  readonly keeps?: true
}

const ends = ({ keeps }: Write): boolean => keeps === undefined

/** Everything in a file that gives `object.name` or `object["name"]` another value, where the object is written as `object`. */
export function writesTo(module: Module, object: string, name: string): readonly Write[] {
  const plain = module
    .writes(object, name)
    .map(({ node, value }): Write => ({ node, thing: (evaluator, frame) => evaluator.evaluate({ node: value, frame }) }))
  return [...plain, ...wholeWrites(module, object, name), ...deletions(module, object, name), ...byText(module, object, name)].toSorted(
    (a, b) => a.node.start - b.node.start,
  )
}

/** Those of them that do not name the attribute: `self.__dict__.update(…)`, `setattr(self, key, value)`. */
export function indirectWrites(module: Module, object: string, name: string): readonly Write[] {
  return [...wholeWrites(module, object, name), ...byText(module, object, name)]
}

/** Those to the object that the name means where it stands: another function's of the same name is another one. */
export function ownWrites(module: Module, object: Node, name: string): readonly Write[] {
  const scopeOfName = (at: Node): Node | undefined =>
    object.kind === 'identifier' ? module.lookup(object.content, at)[0]?.scope : undefined
  const scope = scopeOfName(object)
  return writesTo(module, object.content, name).filter((write) => scopeOfName(write.node) === scope)
}

/** A write of `value` to the name that `key` comes to, at `place`; of a loop over a dictionary, that dictionary's entry. */
export function writeUnderKey(key: Node, value: Node | undefined, place: Node, name: string): Write {
  const thing: Write['thing'] = (evaluator, frame, before) => {
    const text = evaluator.text(evaluator.evaluate({ node: key, frame }))
    const perhaps = unknown('an entry whose name is only known when the program runs is changed', place.origin)
    if (text !== undefined) return text === name && value !== undefined ? evaluator.evaluate({ node: value, frame }) : (before ?? NONE)
    const looped = loopEntry(evaluator, key, value, place, name)
    if (looped === 'none') return before ?? NONE
    return looped ?? several([before ?? NONE, perhaps], place.origin)
  }
  return { node: place, thing, keeps: true }
}

/** `for key, value in {…}.items(): object[key] = value`; `none`: the dictionary surely has no such entry. */
export function loopEntry(evaluator: Evaluator, key: Node, value: Node | undefined, place: Node, name: string): Thing | 'none' | undefined {
  const loop = around(place, new Set(['for_statement', 'function_definition']))
  const [first, second] = loop?.kind === 'for_statement' ? (loop.field('left')?.named ?? []) : []
  const items = loop?.field('right')
  const callee = items?.kind === 'call' ? items.field('function') : undefined
  const object = callee?.field('attribute')?.content === 'items' ? callee.field('object') : undefined
  if (first?.content !== key.content || second?.content !== value?.content || object === undefined) return undefined
  const thing = evaluator.evaluate({ node: object, frame: undefined })
  if (thing.kind !== 'mapping') return undefined
  const entry = thing.entries.get(name)
  return entry === undefined ? (thing.complete ? 'none' : undefined) : evaluator.evaluate(entry)
}

/** `object.update(…)`, `object.setdefault(…)`, `object |= …`, and the same of its `__dict__`. */
function wholeWrites(module: Module, object: string, name: string): readonly Write[] {
  if (!mentionsChange(module, object)) return []
  return tail(module, object).flatMap((inner) => wholeWritesAt(inner, name))
}

/** Those of one place where the object stands. */
export function wholeWritesAt(inner: Node, name: string): readonly Write[] {
  const outer = inner.parent
  if (outer?.kind === 'augmented_assignment' && outer.field('left') === inner && outer.field('operator')?.kind === '|=') {
    const right = outer.field('right')
    return right === undefined ? [] : [{ node: outer, thing: merged(right, name), keeps: true }]
  }
  const call = outer?.kind === 'attribute' && outer.field('object') === inner ? outer.parent : undefined
  if (call?.kind !== 'call' || call.field('function') !== outer) return []
  const given = argumentsOf(call, undefined)
  const [first, second] = given.positional
  switch (outer?.field('attribute')?.content) {
    case 'update': {
      const keyword = given.keywords.get(name)
      if (keyword !== undefined) return [{ node: call, thing: (evaluator, frame) => evaluator.evaluate({ node: keyword.node, frame }) }]
      const whole = [...(first === undefined ? [] : [first]), ...given.mappings].map(({ node }) => node)
      return whole.map((node) => ({ node: call, thing: merged(node, name), keeps: true }))
    }
    case 'setdefault':
      return literalText(first?.node) === name && second !== undefined
        ? [{ node: call, thing: (evaluator, frame, before) => before ?? evaluator.evaluate({ node: second.node, frame }), keeps: true }]
        : []
    case 'pop':
      return literalText(first?.node) === name ? [{ node: call, thing: () => NONE }] : []
    case 'clear':
      return [{ node: call, thing: () => NONE }]
    default:
      return []
  }
}

function mentionsChange(module: Module, object: string): boolean {
  const changes = String.raw`\s*(?:\.\s*(?:update|setdefault|pop|clear|__dict__)\b|\|=)`
  return new RegExp(String.raw`${escaped(object)}\s*(?:\)\s*)?${changes}`).test(module.file.content)
}

/** The expressions that are written as `object`, as its `__dict__` or as its `vars()`. */
function tail(module: Module, object: string): readonly Node[] {
  const isCall = object.endsWith('()')
  const last = object.slice(object.lastIndexOf('.') + 1).replace('()', '')
  return module.occurrences(last).flatMap((node) => {
    const named = node.parent?.kind === 'attribute' && node.parent.field('attribute') === node ? node.parent : node
    const whole = isCall && named.parent?.kind === 'call' ? named.parent : named
    if (whole.content !== object) return []
    const outer = whole.parent
    if (outer?.kind === 'attribute' && outer.field('object') === whole && outer.field('attribute')?.content === '__dict__') return [outer]
    const call = outer?.kind === 'argument_list' && outer.named.length === 1 ? outer.parent : undefined
    return call?.field('function')?.content === 'vars' ? [call] : [whole]
  })
}

/** The entry of the mapping that is merged in, where it has one. */
function merged(node: Node, name: string): Write['thing'] {
  return (evaluator, frame, before) => {
    const other = evaluator.evaluate({ node, frame })
    if (other.kind === 'data') return hasItem(other.tree, name) ? dataItem(other.tree, name, node.origin) : (before ?? NONE)
    if (other.kind !== 'mapping')
      return several([before ?? NONE, unknown('part of what it is changed to is not known', node.origin)], node.origin)
    const entry = other.entries.get(name)
    if (entry !== undefined) return evaluator.evaluate(entry)
    return other.complete
      ? (before ?? NONE)
      : several([before ?? NONE, unknown('part of what it is changed to is not known', node.origin)], node.origin)
  }
}

/** `del object["name"]`. */
function deletions(module: Module, object: string, name: string): readonly Write[] {
  if (!module.file.content.includes('del ')) return []
  return module.strings(name).flatMap((text) => {
    const target = text.parent
    const isIt = target?.kind === 'subscript' && target.field('value')?.content === object && target.parent?.kind === 'delete_statement'
    return isIt ? [{ node: target.parent ?? target, thing: () => NONE }] : []
  })
}

/** `setattr(object, "name", value)`, `vars(object)["name"] = value`, `object.__dict__["name"] = value`. */
function byText(module: Module, object: string, name: string): readonly Write[] {
  const set = module.occurrences('setattr').flatMap((node): readonly Write[] => {
    const call = node.parent
    if (call?.kind !== 'call' || call.field('function') !== node) return []
    const [target, attribute, value] = argumentsOf(call, undefined).positional
    if (target?.node.content !== object || attribute === undefined || value === undefined) return []
    const text = literalText(attribute.node)
    if (text === undefined) return [writeUnderKey(attribute.node, value.node, call, name)]
    return text === name ? [{ node: call, thing: (evaluator, frame) => evaluator.evaluate({ node: value.node, frame }) }] : []
  })
  const inside = [`${object}.__dict__`, `vars(${object})`].flatMap((whole) => module.writes(whole, name))
  return [
    ...set,
    ...inside.map(({ node, value }): Write => ({ node, thing: (evaluator, frame) => evaluator.evaluate({ node: value, frame }) })),
  ]
}

/** Places of one object that are looked at for calls which it is handed to. */
const MENTIONS = 60

/** `widen(config)`, where `widen` is a function of the folder that writes to its parameter. */
export function writesInCalls(evaluator: Evaluator, module: Module, object: string, name: string): readonly Write[] {
  if (!/^\w+$/.test(object)) return []
  return module
    .occurrences(object)
    .slice(0, MENTIONS)
    .flatMap((node): readonly Write[] => {
      const handed = handedTo(evaluator, node)
      const owner = handed === undefined ? undefined : evaluator.moduleOf(handed.definition)
      if (handed === undefined || owner === undefined) return []
      return writesTo(owner, handed.parameter, name)
        .filter((write) => write.node.within(handed.definition))
        .map((write) => ({
          node: handed.call,
          thing: (_, __, before) => several([before ?? NONE, write.thing(evaluator, undefined, before)], handed.call.origin),
          keeps: true,
        }))
    })
}

/** The function of the folder that is called with what stands here, and its parameter for it. */
export function handedTo(
  evaluator: Evaluator,
  node: Node,
): { readonly call: Node; readonly definition: Node; readonly parameter: string } | undefined {
  const list = node.parent?.kind === 'keyword_argument' ? node.parent.parent : node.parent
  const call = list?.kind === 'argument_list' ? list.parent : undefined
  const callee = call?.kind === 'call' ? call.field('function') : undefined
  if (call === undefined || callee?.kind !== 'identifier') return undefined
  const thing = evaluator.evaluate({ node: callee, frame: undefined })
  if (thing.kind !== 'function' || evaluator.moduleOf(thing.node) === undefined || call.within(thing.node)) return undefined
  const given = argumentsOf(call, undefined)
  const index = given.positional.findIndex((one) => one.node === node)
  const keyword = [...given.keywords].find(([, one]) => one.node === node)?.[0]
  const parameter = keyword ?? parametersOf(thing.node).filter((one) => one.positional)[index]?.name
  return parameter === undefined ? undefined : { call, definition: thing.node, parameter }
}

/** What is left of `before` at `use`, after those of the writes that may have happened. */
export function afterWrites(
  evaluator: Evaluator,
  before: Thing | undefined,
  writes: readonly Write[],
  use: Node,
  frame: Frame | undefined,
): Thing | undefined {
  if (writes.length === 0) return before
  const here = scopeOf(use)
  const root = rootOf(use)
  const scopes = writes.map((write) => scopeOf(write.node))
  const inScope = (scope: Node): readonly Write[] => writes.filter((_, index) => scopes[index] === scope)
  const elsewhere = writes.filter((write, index) => scopes[index] !== here && (scopes[index] !== root || write.node.file !== use.file))
  // The root stands for the end of its module.
  const ahead = inScope(here).filter((write) => use === root || (write.node.start < use.start && !use.within(write.node)))
  const candidates = [
    ...(here === root ? [] : reaching(inScope(root), use, root, ends)),
    ...elsewhere.map((place) => ({ place: underItsCondition(place), under: 'undetermined' as const })),
    ...(ahead.length === 0 ? [] : reaching(ahead, use, here, ends)),
  ]
  let known = before
  for (const candidate of candidates) {
    const earlier = known
    const step = {
      ...candidate,
      thing: () => candidate.place.thing(evaluator, candidate.place.node.file === use.file ? frame : undefined, earlier),
    }
    known = combine(evaluator, earlier ?? (candidate.under === undefined ? undefined : NONE), [step], frame, use.origin)
  }
  return known
}

/** What happens elsewhere, if it does: only where its own condition holds. */
function underItsCondition({ node, thing }: Write): Write {
  const under = conditionAround(node)
  if (under === undefined || under === 'undetermined') return { node, thing }
  return {
    node,
    thing: (evaluator, frame, before) =>
      combine(evaluator, before ?? NONE, [{ under, thing: () => thing(evaluator, frame, before) }], frame, node.origin),
  }
}

/** What other files of the folder write to an object of this name and attribute: `settings.host = …` in `main.py`, read in `server.py`. */
export function writesElsewhere(evaluator: Evaluator, use: Node, object: string, name: string): readonly Write[] {
  const { project } = evaluator
  const index = assignedIn(project)
  const paths = new Set([...(index.get(`${object}.${name}`) ?? []), ...(index.get(`setattr ${object}`) ?? [])])
  return [...paths].flatMap((path) => {
    const module = path === use.file.path ? undefined : project.module(path)
    return module === undefined || isTestCode(module.file) ? [] : writesTo(module, object, name)
  })
}

type Places = ReadonlyMap<string, ReadonlySet<string>>
const ASSIGNED = new WeakMap<Project, Places>()
const ASSIGNS = /\b(\w+)[ \t]*\.[ \t]*(\w+)[ \t]*=(?!=)|\bsetattr[ \t]*\([ \t]*(\w+)[ \t]*,/g

/** The files in which attributes of plain names are assigned, by `object.name` and by `.name`; found once for a folder. */
function assignedIn(project: Project): Places {
  const known = ASSIGNED.get(project)
  if (known !== undefined) return known
  const found = new Map<string, Set<string>>()
  for (const path of project.sources) {
    for (const [, object, name, set] of (project.text(path)?.content ?? '').matchAll(ASSIGNS)) {
      if (object === 'self') continue
      for (const key of set === undefined ? [`${object}.${name}`, `.${name}`] : [`setattr ${set}`]) {
        const paths = found.get(key)
        if (paths === undefined) found.set(key, new Set([path]))
        else paths.add(path)
      }
    }
  }
  ASSIGNED.set(project, found)
  return found
}

interface AttributeWrite {
  readonly object: Node
  readonly value: Node
}

const WRITTEN = new WeakMap<Project, Map<string, readonly AttributeWrite[]>>()
/** Places of one attribute that are looked at. */
const WRITES = 200

/** Every place outside of tests that assigns `object.name`, where the object is a plain name other than `self`. */
export function attributeWrites(project: Project, name: string): readonly AttributeWrite[] {
  const known = WRITTEN.get(project) ?? new Map<string, readonly AttributeWrite[]>()
  WRITTEN.set(project, known)
  const before = known.get(name)
  if (before !== undefined) return before
  const paths = assignedIn(project).get(`.${name}`) ?? []
  const found = [...paths].flatMap((path): readonly AttributeWrite[] => {
    const module = project.module(path)
    if (module === undefined || isTestCode(module.file)) return []
    return module.occurrences(name).flatMap((node): readonly AttributeWrite[] => {
      const target = node.parent
      const object = target?.kind === 'attribute' && target.field('attribute') === node ? target.field('object') : undefined
      const statement = target?.parent
      const value = statement?.kind === 'assignment' && statement.field('left') === target ? statement.field('right') : undefined
      return object?.kind === 'identifier' && object.content !== 'self' && value !== undefined ? [{ object, value }] : []
    })
  })
  known.set(name, found.slice(0, WRITES))
  return found.slice(0, WRITES)
}
