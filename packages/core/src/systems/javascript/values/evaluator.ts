import type { Value } from '../../../evidence/index.ts'
import { applyFunction, calledMeaning } from './calls.ts'
import type { Declaration } from '../source/declarations.ts'
import { exportMeaning } from './exports.ts'
import { EXPRESSIONS } from './expressions.ts'
import { type Argument, type Frame, type FunctionMeaning, type Meaning, unknownMeaning, valueOf } from './meaning.ts'
import { elementAt, elementsOf, propertyMeaning } from './members.ts'
import type { Module } from '../source/module.ts'
import { declarationMeaning } from './names.ts'
import type { Change, Changes } from './changed.ts'
import type { Packages } from './packages.ts'
import { writtenMeaning } from './written.ts'
import type { Project } from '../source/project.ts'
import type { Node } from '../../tree.ts'
import { bare } from '../source/syntax.ts'

/** Bounds of one question. Code that people write needs a hundredth of them. */
const MAX_STEPS = 20_000
const MAX_DEPTH = 150

/** What the rooms above know and an evaluator is handed. */
export interface Knowledge {
  readonly makers: ReadonlyMap<string, string>
  readonly packages: Packages
  readonly changes: Changes
}

/**
 * Follows expressions to what they stand for. A function's parameters are those of the call that `frame` is; where no
 * frame has them they are taken from `bindings`, and what is in neither is noted in `holes`, so that whoever asked can
 * look for the calls and ask again.
 */
export class Evaluator {
  readonly project: Project
  /** `express` → the row of the framework table that it makes when called or constructed. */
  readonly makers: ReadonlyMap<string, string>
  readonly packages: Packages
  readonly changes: Changes
  readonly holes = new Set<Node>()
  #bindings: ReadonlyMap<Node, Frame> = new Map()
  #memo = new Map<Node, Meaning>()
  readonly #active = new Map<Node, (Frame | undefined)[]>()
  #steps = 0
  #depth = 0
  #cut = 0

  constructor(project: Project, { makers, packages, changes }: Knowledge) {
    this.project = project
    this.makers = makers
    this.packages = packages
    this.changes = changes
  }

  /** Runs one question with its own budget, and with `bindings` for parameters that no frame has. */
  ask<T>(bindings: ReadonlyMap<Node, Frame>, question: () => T): { readonly answer: T; readonly holes: readonly Node[] } {
    const outer = { bindings: this.#bindings, memo: this.#memo, steps: this.#steps, holes: [...this.holes] }
    this.#bindings = bindings
    this.#memo = new Map()
    this.#steps = 0
    this.holes.clear()
    try {
      const answer = question()
      return { answer, holes: [...this.holes] }
    } finally {
      this.#bindings = outer.bindings
      this.#memo = outer.memo
      this.#steps = outer.steps
      this.holes.clear()
      for (const hole of outer.holes) this.holes.add(hole)
    }
  }

  meaning(expression: Node, frame: Frame | undefined): Meaning {
    const node = bare(expression)
    const kept = frame === undefined ? this.#memo.get(node) : undefined
    if (kept !== undefined) return kept
    const cut = this.#cut
    const meaning = this.deeper(node, () => (EXPRESSIONS[node.kind] ?? opaque)(node, frame, this))
    // What was cut short because it was being asked already is only half an answer.
    if (frame === undefined && cut === this.#cut) this.#memo.set(node, meaning)
    return meaning
  }

  /** Runs one step within the bounds. */
  deeper(at: Node, find: () => Meaning): Meaning {
    if (++this.#steps > MAX_STEPS || this.#depth >= MAX_DEPTH) return unknownMeaning('it is too involved to follow', at.origin)
    this.#depth++
    try {
      return find()
    } finally {
      this.#depth--
    }
  }

  /** `object.name`. */
  property(object: Meaning, name: string, at: Node): Meaning {
    return propertyMeaning(object, name, at, this)
  }

  /** The item of a list at an index that is known. */
  element(list: Meaning, index: number, at: Node): Meaning {
    return elementAt(list, index, at, this)
  }

  /** Every item of a list; `undefined` where they cannot be told. */
  elements(list: Meaning): readonly Meaning[] | undefined {
    return elementsOf(list, this)
  }

  /** What a function gives back for these arguments. */
  apply(callee: FunctionMeaning, given: readonly Argument[], self: Meaning | undefined): Meaning {
    return applyFunction(callee, given, self, this)
  }

  /** What the call at `node` of something already known gives back. */
  called(callee: Meaning, node: Node, frame: Frame | undefined): Meaning {
    return calledMeaning(callee, node, frame, this)
  }

  /** What a name declared so means at `at`. */
  declared(declaration: Declaration, at: Node, frame: Frame | undefined): Meaning {
    return declarationMeaning(declaration, at, frame, this)
  }

  /** What something may be at `at` that is also written elsewhere. */
  written(initial: Meaning, writes: readonly Change[], name: string, at: Node, frame: Frame | undefined): Meaning {
    return writtenMeaning(initial, writes, name, at, frame, this)
  }

  /** What a module or package hands out under a name. */
  exported(from: Meaning, name: string, at: Node): Meaning {
    return exportMeaning(from, name, at, this)
  }

  value(expression: Node, frame: Frame | undefined): Value {
    return valueOf(this.meaning(expression, frame), bare(expression).origin)
  }

  /** The call that gives `callee` its parameters; `undefined` is a hole, and noted. */
  frameOf(callee: Node, frame: Frame | undefined): Frame | undefined {
    for (let current = frame; current !== undefined; current = current.outer) if (current.callee === callee) return current
    const bound = this.#bindings.get(callee)
    if (bound === undefined) this.holes.add(callee)
    return bound
  }

  /** As `frameOf`, without noting anything. */
  peekFrame(callee: Node, frame: Frame | undefined): Frame | undefined {
    for (let current = frame; current !== undefined; current = current.outer) if (current.callee === callee) return current
    return this.#bindings.get(callee)
  }

  /** Runs `find` unless it is already running for the same node and call: `app = app || express()`. */
  once(node: Node, frame: Frame | undefined, find: () => Meaning, meanwhile: Meaning): Meaning {
    const running = this.#active.get(node) ?? []
    if (running.includes(frame) || running.length > 3) {
      this.#cut++
      return meanwhile
    }
    this.#active.set(node, [...running, frame])
    try {
      return find()
    } finally {
      if (running.length === 0) this.#active.delete(node)
      else this.#active.set(node, running)
    }
  }

  /** What `find` gives; `undefined` where it needed something that is being asked for around it. */
  whole<T>(find: () => T): T | undefined {
    const cut = this.#cut
    const found = find()
    return cut === this.#cut ? found : undefined
  }

  moduleOf(node: Node): Module | undefined {
    return this.project.module(node.file.path)
  }
}

const opaque = (node: Node): Meaning => unknownMeaning('this expression is not followed', node.origin)
