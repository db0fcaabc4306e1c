import type { FileOrigin } from '../../evidence/index.ts'
import { frameOf, spread } from './calls.ts'
import { argumentsOf, NO_ARGUMENTS } from './call-arguments.ts'
import { combine } from './conditions.ts'
import type { Evaluator } from './evaluator.ts'
import { reaching } from './flow.ts'
import { heirsOf, isMade } from './heirs.ts'
import { named } from './mappings.ts'
import { around, type Node } from '../tree.ts'
import { classOf, decoratorsOf, nameOf, parametersOf } from './syntax.ts'
import { settingsField, withinSettings } from './settings.ts'
import { type Frame, several, type Thing, unknown } from './thing.ts'
import { attributeWrites, indirectWrites, writesTo } from './writes.ts'

type Instance = Extract<Thing, { readonly kind: 'instance' }>

/** Classes of one family that are looked at. */
const BASES = 24

/** The classes that a class is made from: those of the folder as nodes, others by name; the nearest first, itself left out. */
export function basesOf(evaluator: Evaluator, node: Node): readonly Thing[] {
  const found: Thing[] = []
  const seen = new Set([node])
  for (const one of seen) {
    if (seen.size > BASES) break
    for (const base of one.field('superclasses')?.named ?? []) {
      if (base.kind === 'keyword_argument') continue
      const thing = evaluator.evaluate({ node: base, frame: undefined })
      found.push(thing)
      if (thing.kind === 'class') seen.add(thing.node)
    }
  }
  return found
}

export function hasBase(evaluator: Evaluator, node: Node, pattern: RegExp): boolean {
  return basesOf(evaluator, node).some((base) => base.kind === 'external' && pattern.test(base.name))
}

/** A class whose fields are environment variables: pydantic's BaseSettings. */
export function isSettings(evaluator: Evaluator, node: Node): boolean {
  return hasBase(evaluator, node, /(?:^|\.)BaseSettings$/)
}

export function family(evaluator: Evaluator, node: Node): readonly Node[] {
  return [...new Set([node, ...basesOf(evaluator, node).flatMap((base) => (base.kind === 'class' ? [base.node] : []))])]
}

/** The value that a class's body gives a name, or the function that it defines. */
export function inBody(evaluator: Evaluator, node: Node, name: string): Thing | undefined {
  const module = evaluator.moduleOf(node)
  const definitions = module?.definitions(name).filter((definition) => definition.scope === node) ?? []
  const body = node.field('body') ?? node
  const before = definitions.length === 0 ? undefined : evaluator.defined(definitions, body, undefined)
  // `Class.name = …`, behind the class or in a function.
  const writes = module === undefined ? [] : writesTo(module, nameOf(node), name)
  return writes.length === 0
    ? before
    : several([...(before === undefined ? [] : [before]), ...writes.map((write) => write.thing(evaluator, undefined, before))], body.origin)
}

/** `Class.name`. */
export function memberOfClass(evaluator: Evaluator, node: Node, name: string, origin: FileOrigin): Thing {
  const settings = isSettings(evaluator, node)
  for (const one of family(evaluator, node)) {
    const thing = settings && isField(one, name) ? settingsField(evaluator, node, one, name) : inBody(evaluator, one, name)
    if (thing !== undefined) return thing
  }
  const outside = basesOf(evaluator, node).find((base) => base.kind === 'external')
  return outside?.kind === 'external'
    ? { kind: 'external', name: `${outside.name}.${name}`, origin }
    : unknown(`the class has no \`${name}\``, origin)
}

/** `instance.name`: what it was made with, what its methods assign, what its class says. */
export function memberOfInstance(evaluator: Evaluator, instance: Instance, name: string, origin: FileOrigin): Thing {
  const own = ownMember(evaluator, instance, name, origin)
  return instance.below === undefined ? own : withinSettings(own, instance.below, name, origin)
}

function ownMember(evaluator: Evaluator, instance: Instance, name: string, origin: FileOrigin): Thing {
  const inside = afterIndirect(evaluator, instance, name, memberInside(evaluator, instance, name, origin), origin)
  const outside = evaluator.once(`set ${instance.class.file.path}:${instance.class.start} ${name}`, [], () =>
    setFromOutside(evaluator, instance, name),
  )
  return outside.length === 0 ? inside : several([inside, ...outside], origin)
}

/** `one.host = …`, where `one` is of the class, and as far as that can be told this very instance of it. */
function setFromOutside(evaluator: Evaluator, { class: node, call }: Instance, name: string): readonly Thing[] {
  return attributeWrites(evaluator.project, name).flatMap((write): readonly Thing[] => {
    const thing = evaluator.evaluate({ node: write.object, frame: undefined })
    if (thing.kind !== 'instance' || !family(evaluator, thing.class).includes(node)) return []
    if (call !== undefined && thing.call !== undefined && thing.call.node !== call.node) return []
    return [evaluator.evaluate({ node: write.value, frame: undefined })]
  })
}

/** After `self.__dict__.update(…)` and `setattr(self, key, value)` in the methods. */
function afterIndirect(evaluator: Evaluator, instance: Instance, name: string, before: Thing, origin: FileOrigin): Thing {
  const things = family(evaluator, instance.class).flatMap((owner) => {
    const module = evaluator.moduleOf(owner)
    if (module === undefined || !INDIRECT.test(module.file.content)) return []
    const assigned = selfAssignments(evaluator, owner, name)
    return indirectWrites(module, 'self', name).flatMap(({ node, thing }): readonly Thing[] => {
      const method = around(node, METHODS)
      if (method === undefined || !node.within(owner)) return []
      const body = method.field('body')
      const isOutdone = assigned.some((one) => one.node.start > node.start && one.node.parent?.parent === body)
      return isOutdone ? [] : [thing(evaluator, initialFrame(evaluator, method, instance), before)]
    })
  })
  return things.length === 0 ? before : several([before, ...things], origin)
}

const INDIRECT = /\bself\.__dict__\b|\bvars\s*\(\s*self|\bsetattr\s*\(\s*self/
const METHODS: ReadonlySet<string> = new Set(['function_definition'])

/** What `__init__` is given where the instance was made. */
function initialFrame(evaluator: Evaluator, method: Node, instance: Instance): Frame | undefined {
  return nameOf(method) === '__init__' && instance.call !== undefined
    ? frameOf(evaluator, method, instance, argumentsOf(instance.call.node, instance.call.frame))
    : undefined
}

/** What the class and its methods say. */
function memberInside(evaluator: Evaluator, instance: Instance, name: string, origin: FileOrigin): Thing {
  const { class: node } = instance
  const heirs =
    instance.call === undefined && instance.exact !== true ? heirsOf(evaluator, node).filter((one) => overrides(evaluator, one, name)) : []
  if (heirs.length > 0) {
    const classes = isMade(evaluator, node) ? [node, ...heirs] : heirs
    return several(
      classes.map((one) => memberOfInstance(evaluator, { kind: 'instance', class: one, exact: true }, name, origin)),
      origin,
    )
  }
  const all = family(evaluator, node)
  if (all.some((one) => inBody(evaluator, one, '__getattribute__') !== undefined)) return unknown('computed when the program runs', origin)
  const assigned = all.flatMap((one) => selfAssignments(evaluator, one, name))
  if (assigned.length > 0) return assignedValue(evaluator, assigned, instance, origin)
  const given = madeWith(evaluator, all, instance, name)
  if (given !== undefined) return given
  const own = memberOfClass(evaluator, node, name, origin)
  if (own.kind === 'function')
    return isProperty(own.node)
      ? evaluator.call({ ...own, self: instance }, NO_ARGUMENTS, { node: own.node, frame: undefined })
      : { ...own, self: instance }
  if (own.kind === 'external') return { ...own, name: own.name.replace(/\.(\w+)$/, '().$1') }
  return own
}

/** Whether the class itself says something of the name. */
function overrides(evaluator: Evaluator, node: Node, name: string): boolean {
  const isDefined =
    evaluator
      .moduleOf(node)
      ?.definitions(name)
      .some((definition) => definition.scope === node) === true
  return isDefined || selfAssignments(evaluator, node, name).length > 0
}

function isProperty(definition: Node): boolean {
  return decoratorsOf(definition).some((decorator) => /(?:^|\.)(?:cached_)?property$/.test(decorator.content))
}

function selfAssignments(evaluator: Evaluator, node: Node, name: string): readonly { readonly node: Node; readonly value: Node }[] {
  const writes = evaluator.moduleOf(node)?.writes('self', name) ?? []
  return writes.filter((write) => write.node.within(node))
}

function assignedValue(
  evaluator: Evaluator,
  assigned: readonly { readonly node: Node; readonly value: Node }[],
  instance: Instance,
  origin: FileOrigin,
): Thing {
  const things = assigned.map(({ node, value }): Thing => {
    const method = around(node, METHODS)
    if (method === undefined) return evaluator.evaluate({ node: value, frame: undefined })
    const frame = initialFrame(evaluator, method, instance)
    const others = assigned.filter((one) => one.node.within(method))
    if (others.length === 1) return named(evaluator.evaluate({ node: value, frame }), node.field('left') ?? node)
    const candidates = reaching(others, others.at(-1)?.node === node ? (method.field('body')?.named.at(-1) ?? node) : node, method)
    return combine(
      evaluator,
      undefined,
      [
        ...candidates.map((one) => ({ ...one, thing: () => evaluator.evaluate({ node: one.place.value, frame }) })),
        { thing: () => evaluator.evaluate({ node: value, frame }) },
      ],
      frame,
      origin,
    )
  })
  return several(things, origin)
}

/** What the constructor's arguments give a field of a data class or model. */
function madeWith(evaluator: Evaluator, all: readonly Node[], instance: Instance, name: string): Thing | undefined {
  if (
    instance.call === undefined ||
    all.some(
      (one) =>
        evaluator
          .moduleOf(one)
          ?.definitions('__init__')
          .some((definition) => definition.scope === one) === true,
    )
  )
    return undefined
  const fields = all.toReversed().flatMap(fieldsOf)
  if (!fields.includes(name)) return undefined
  const given = argumentsOf(instance.call.node, instance.call.frame)
  const keyword = given.keywords.get(name)
  if (keyword !== undefined) return evaluator.evaluate(keyword)
  const positional = given.positional[fields.indexOf(name)]
  return positional === undefined ? spread(evaluator, given, name) : evaluator.evaluate(positional)
}

/** The names that a class's body gives a type, in their order. */
function fieldsOf(node: Node): readonly string[] {
  return (node.field('body')?.named ?? []).flatMap((statement) => {
    const assignment = statement.named[0]
    const left = assignment?.kind === 'assignment' && assignment.field('type') !== undefined ? assignment.field('left') : undefined
    return left?.kind === 'identifier' ? [left.content] : []
  })
}

export function fieldNode(node: Node, name: string): Node | undefined {
  return (node.field('body')?.named ?? [])
    .flatMap((statement) => statement.named[0] ?? [])
    .find((one) => one.kind === 'assignment' && one.field('left')?.content === name)
}

function isField(node: Node, name: string): boolean {
  return name !== 'model_config' && fieldNode(node, name) !== undefined
}

/** The class that a method belongs to, where its first parameter is the instance or the class. */
export function receiverOf(definition: Node, name: string): Thing | undefined {
  const owner = classOf(definition)
  if (owner === undefined || parametersOf(definition)[0]?.name !== name) return undefined
  const decorators = decoratorsOf(definition).map((decorator) => decorator.content)
  if (decorators.includes('staticmethod')) return undefined
  return decorators.includes('classmethod') || nameOf(definition) === '__new__'
    ? { kind: 'class', node: owner }
    : { kind: 'instance', class: owner }
}
