import { declarationAt, type Write } from '../source/declarations.ts'
import type { Evaluator } from './evaluator.ts'
import { type Argument, choiceMeaning, type Frame, isNothing, type Meaning, NOTHING, unknownMeaning, valueMeaning } from './meaning.ts'
import { around, type Node } from '../../tree.ts'
import { argumentsOf, bare, CLASSES, FUNCTIONS, OWN_THIS, propertyName } from '../source/syntax.ts'
import { subclassesOf } from './subclasses.ts'
import { known } from './values.ts'

export type Instance = Extract<Meaning, { readonly kind: 'instance' }>

/** `this`: the object that the method was called on, or whichever instance of its class. */
export function thisMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const method = around(node, OWN_THIS)
  const owner = ownerOf(node)
  if (method !== undefined) {
    const self = evaluator.peekFrame(method, frame)?.self
    if (self !== undefined) return wholeOf(self)
  }
  // A field's initial value and a method without its call: the nearest object that is known to be of this class.
  for (let current = frame; current !== undefined; current = current.outer) {
    if (current.self?.kind === 'instance' && current.self.of === owner) return wholeOf(current.self)
  }
  if (owner !== undefined && method?.parent?.kind === 'class_body' && isStatic(method)) {
    const classes = [owner, ...subclassesOf(owner, evaluator)]
    return choiceMeaning(
      classes.map((of) => ({ kind: 'class', node: of, frame })),
      node.origin,
    )
  }
  if (owner === undefined) return unknownMeaning('what `this` is here is not followed', node.origin)
  return owner.kind === 'object' ? { kind: 'object', node: owner, frame } : { kind: 'instance', of: owner, frame: undefined }
}

/** The object that a base class's part belongs to. */
const wholeOf = (self: Meaning): Meaning => (self.kind === 'instance' ? (self.whole ?? self) : self)

/** The class, constructor function or object literal whose `this` stands at `node`. */
function ownerOf(node: Node): Node | undefined {
  const method = around(node, OWN_THIS)
  const holder = around(node, CLASSES)
  if (method === undefined || (holder !== undefined && holder.within(method))) return holder
  if (method.kind === 'method_definition') return method.parent?.kind === 'class_body' ? method.parent.parent : method.parent
  if (method.parent?.kind === 'pair') return method.parent.parent
  return prototypeOwner(method) ?? method
}

/** `Server.prototype.start = function () {…}`: the function `Server`. */
function prototypeOwner(method: Node): Node | undefined {
  const left = method.parent?.kind === 'assignment_expression' ? method.parent.field('left') : undefined
  const prototype = left?.field('object')
  const owner = prototype?.field('property')?.content === 'prototype' ? prototype.field('object') : undefined
  return owner?.kind === 'identifier' ? functionNamed(owner) : undefined
}

/** The function or class declared by that name in the blocks around; looked for in the tree, since no value is asked for. */
function functionNamed(name: Node): Node | undefined {
  for (let block = name.parent; block !== undefined; block = block.parent) {
    if (block.kind !== 'program' && block.kind !== 'statement_block') continue
    const found = block.named.find(
      (statement) => statement.kind === 'function_declaration' && statement.field('name')?.content === name.content,
    )
    if (found !== undefined) return found
  }
  return undefined
}

/** A member of an object made by a class or constructor function of the folder. `undefined`: nothing gives it one. */
export function instanceProperty(instance: Instance, name: string, at: Node, evaluator: Evaluator): Meaning | undefined {
  const own = ownProperty(instance, name, at, evaluator)
  if (instance.frame !== undefined || instance.whole !== undefined || !CLASSES.has(instance.of.kind)) return own
  // Whichever instance it is may be one of a class that gives the member anew.
  const anew = subclassesOf(instance.of, evaluator).flatMap((of) =>
    declares(of, name, evaluator) ? [evaluator.property({ kind: 'instance', of, frame: undefined }, name, at)] : [],
  )
  if (anew.length === 0) return own
  return choiceMeaning(own === undefined || isNothing(own) ? anew : [own, ...anew], at.origin)
}

function declares(of: Node, name: string, evaluator: Evaluator): boolean {
  return memberNamed(of, name) !== undefined || ownWrites(of, name, evaluator).length > 0
}

const memberNamed = (of: Node, name: string): Node | undefined =>
  membersOf(of).find((candidate) => propertyName(candidate.field('name') ?? candidate.field('property')) === name && !isStatic(candidate))

/** `this.name = …` in the class or constructor function. */
const ownWrites = (of: Node, name: string, evaluator: Evaluator): readonly Write[] =>
  evaluator.moduleOf(of)?.memberWrites(name, (object) => object.kind === 'this' && ownerOf(object) === of) ?? []

function ownProperty(instance: Instance, name: string, at: Node, evaluator: Evaluator): Meaning | undefined {
  const { of, frame } = instance
  const member = memberNamed(of, name)
  if (member?.kind === 'method_definition') return methodMeaning(member, instance, evaluator)
  const prototyped = FUNCTIONS.has(of.kind) ? prototypeMethod(of, name, instance, evaluator) : undefined
  if (prototyped !== undefined) return prototyped
  // The body stands for no function, so that the constructor's parameters stay open.
  const inside: Frame = frame ?? { callee: of.field('body') ?? of, arguments: [], self: instance, outer: undefined }
  const value = member?.field('value')
  const field = value === undefined ? NOTHING : evaluator.once(value, frame, () => evaluator.meaning(value, inside), NOTHING)
  const parameter = parameterProperty(of, name, at, instance, evaluator)
  const writes = ownWrites(of, name, evaluator)
  const inherits = member === undefined && parameter === undefined
  const initial = inherits ? (superProperty(instance, name, at, evaluator) ?? field) : field
  const constructed = writes.filter((write) => around(write.node, FUNCTIONS) === constructorOf(of))
  // What the constructor puts there is there; what other methods put there later may be.
  const start = parameter ?? (constructed.length > 0 ? constructorWrite(initial, constructed, inside, evaluator) : initial)
  const others = writes.filter((write) => !constructed.includes(write))
  const whole = others.length === 0 ? start : evaluator.once(at, frame, () => evaluator.written(start, others, name, at, inside), start)
  return isNothing(whole) && inherits && writes.length === 0 ? undefined : whole
}

/** What is there when the constructor has run to its end. */
function constructorWrite(initial: Meaning, writes: readonly Write[], frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const [first] = writes
  const body = first === undefined ? undefined : around(first.node, FUNCTIONS)?.field('body')
  const end = body?.children.at(-1)
  return end === undefined ? initial : evaluator.written(initial, writes, 'this', end, frame)
}

function membersOf(of: Node): readonly Node[] {
  return CLASSES.has(of.kind) ? (of.field('body')?.named ?? []) : []
}

const isStatic = (member: Node): boolean => member.children.some((child) => child.kind === 'static')

export function constructorOf(of: Node): Node | undefined {
  if (!CLASSES.has(of.kind)) return of
  return membersOf(of).find((member) => member.kind === 'method_definition' && member.field('name')?.content === 'constructor')
}

function methodMeaning(member: Node, self: Meaning, evaluator: Evaluator): Meaning {
  const frame = self.kind === 'instance' ? self.frame : undefined
  const whole = wholeOf(self)
  const method: Meaning = { kind: 'function', node: member, frame, self: whole }
  return member.children.some((child) => child.kind === 'get') ? evaluator.apply(method, [], whole) : method
}

function prototypeMethod(of: Node, name: string, self: Instance, evaluator: Evaluator): Meaning | undefined {
  const owner = of.field('name')?.content
  const isPrototype = (object: Node): boolean => object.content === `${owner ?? ''}.prototype`
  const [write] = evaluator.moduleOf(of)?.memberWrites(name, isPrototype) ?? []
  const value = write?.value === undefined ? undefined : bare(write.value)
  return value !== undefined && FUNCTIONS.has(value.kind)
    ? { kind: 'function', node: value, frame: self.frame, self: wholeOf(self) }
    : undefined
}

/** TypeScript's `constructor(private readonly app: Express)`. */
function parameterProperty(of: Node, name: string, at: Node, instance: Instance, evaluator: Evaluator): Meaning | undefined {
  const constructor = CLASSES.has(of.kind) ? constructorOf(of) : undefined
  for (const parameter of constructor?.field('parameters')?.named ?? []) {
    const pattern = parameter.field('pattern')
    const marked = parameter.children.some(
      (child) => child.kind === 'accessibility_modifier' || child.kind === 'readonly' || child.kind === 'override_modifier',
    )
    if (!marked || pattern?.content !== name) continue
    const declaration = declarationAt(pattern)
    if (declaration !== undefined && 'kind' in declaration) return evaluator.declared(declaration, at, instance.frame)
  }
  return undefined
}

/** What a class extends, if anything. */
export function superClass(of: Node): Node | undefined {
  const heritage = of.children.find((child) => child.kind === 'class_heritage')
  const clause = heritage?.named[0]
  return clause?.kind === 'extends_clause' ? clause.field('value') : clause
}

/** The same object as its base class sees it: with what the constructor hands to `super(…)`. */
export function superInstance(instance: Instance, evaluator: Evaluator): Meaning | undefined {
  const base = superClass(instance.of)
  if (base === undefined) return undefined
  const meaning = evaluator.once(base, instance.frame, () => evaluator.meaning(base, instance.frame), NOTHING)
  if (meaning.kind !== 'class') return meaning
  const constructor = constructorOf(instance.of)
  const call = constructor === undefined ? undefined : superCall(constructor, evaluator)
  const given: readonly Argument[] | undefined =
    call === undefined
      ? instance.frame?.arguments
      : argumentsOf(call).map((node) => ({ node, meaning: () => evaluator.meaning(node, instance.frame) }))
  const callee = constructorOf(meaning.node) ?? meaning.node
  const made: { -readonly [Key in keyof Frame]: Frame[Key] } = { callee, arguments: given ?? [], self: undefined, outer: undefined }
  const part: Instance = {
    kind: 'instance',
    of: meaning.node,
    frame: given === undefined ? undefined : made,
    whole: wholeOf(instance),
  }
  made.self = part
  return part
}

function superCall(constructor: Node, evaluator: Evaluator): Node | undefined {
  const module = evaluator.moduleOf(constructor)
  return module?.calls('super').find((call) => call.within(constructor) && around(call, OWN_THIS) === constructor)
}

function superProperty(instance: Instance, name: string, at: Node, evaluator: Evaluator): Meaning | undefined {
  const base = superInstance(instance, evaluator)
  return base === undefined || base.kind !== 'instance' ? undefined : evaluator.property(base, name, at)
}

type Scoped = Extract<Meaning, { readonly kind: 'class' | 'enum' | 'namespace' }>

/** `Class.name`, `Enum.Name`, `Namespace.name`. */
export function staticProperty(of: Scoped, name: string, at: Node, evaluator: Evaluator, self: Meaning = of): Meaning | undefined {
  const { node, frame } = of
  if (of.kind === 'enum') return enumMember(node, name, frame, evaluator)
  if (of.kind === 'namespace') {
    const block = node.field('body')
    const declaration =
      block === undefined
        ? undefined
        : evaluator
            .moduleOf(node)
            ?.declarations(name)
            .find((found) => found.scope === block)
    return declaration === undefined ? undefined : evaluator.declared(declaration, at, frame)
  }
  const member = membersOf(node).find(
    (candidate) => isStatic(candidate) && propertyName(candidate.field('name') ?? candidate.field('property')) === name,
  )
  if (member?.kind === 'method_definition') return methodMeaning(member, self, evaluator)
  if (name === 'prototype') return { kind: 'instance', of: node, frame: undefined }
  const value = member?.field('value')
  const initial = value === undefined ? NOTHING : evaluator.meaning(value, frame)
  const className = node.field('name')?.content
  const writes =
    evaluator.moduleOf(node)?.memberWrites(name, (object) => object.kind === 'identifier' && object.content === className) ?? []
  if (member === undefined && writes.length === 0) {
    const base = superClass(node)
    const parent = base === undefined ? undefined : evaluator.once(base, frame, () => evaluator.meaning(base, frame), NOTHING)
    return parent?.kind === 'class' && parent.node !== node ? staticProperty(parent, name, at, evaluator, self) : undefined
  }
  return writes.length === 0 ? initial : evaluator.written(initial, writes, name, at, frame)
}

function enumMember(node: Node, name: string, frame: Frame | undefined, evaluator: Evaluator): Meaning | undefined {
  let next: number | undefined = 0
  for (const member of node.field('body')?.named ?? []) {
    const value = member.kind === 'enum_assignment' ? member.field('value') : undefined
    const meaning: Meaning =
      value !== undefined ? evaluator.meaning(value, frame) : next === undefined ? NOTHING : valueMeaning(known(next, member.origin))
    if (propertyName(member.kind === 'enum_assignment' ? member.field('name') : member) === name) return meaning
    next =
      meaning.kind === 'value' && meaning.value.kind === 'known' && typeof meaning.value.value === 'number'
        ? meaning.value.value + 1
        : undefined
  }
  return undefined
}
