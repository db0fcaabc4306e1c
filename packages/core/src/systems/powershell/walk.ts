import { ABSENT, type FileOrigin, type Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import type { ShellCommand } from '../shell/command.ts'
import type { ShellContext } from '../shell/context.ts'
import type { ShellReading } from '../shell/reading.ts'
import { assign } from './assign.ts'
import { type Argument, argumentOf, bind } from './binding.ts'
import { conditionOf } from './conditions.ts'
import { type Block, type Condition, type Datum, isValue, type Item, itemsOf, listOf, mergeData, type Source, unknown } from './datum.ts'
import { evaluate } from './evaluate.ts'
import { originOf, type Surroundings } from './surroundings.ts'
import { invoke } from './invoke.ts'
import { parsePowerShell } from './parse.ts'
import type { Runner } from './runner.ts'
import { Scope } from './scope.ts'
import type { Parameter, ScriptBlock, Statement } from './syntax.ts'

/** How deep functions and scripts are followed. */
const CALLS = 8
/** Rounds of a loop over what is known; of a longer one the body is gone through once. */
const ROUNDS = 32
/** Rounds of loops within one another that are followed one by one, counted together. */
const NESTED_ROUNDS = 64
/** Statements that are gone through, each time that a loop or function comes to them. */
const STEPS = 60_000
/** Words of all commands that one script starts. */
const WORDS = 20_000
/** How many ways that leave a function, one behind the other, are told apart in what it puts out. */
const LEAVING = 40

/**
 * The commands that a script starts, in its order, with variables, locations, functions and other scripts followed. Nothing is
 * executed. Where the way depends on a condition every way is taken, and the commands say so.
 * `context.arguments`: the words that the script is given, names of its parameters among them; left out: not known.
 */
export function readPowerShell(passage: Passage, context: ShellContext = {}): ShellReading {
  const walker = new Walker(context)
  const scope = new Scope(context.workingDirectory)
  for (const [name, { value, origin }] of context.environment ?? []) scope.setEnvironment(name, value, origin)
  const whole = passage.origin(0, 0)
  const given = context.arguments?.map((value) => argumentOf(value, value.kind === 'absent' ? whole : value.origin))
  walker.script({ passage, holes: [] }, walker.at(scope, passage), given, whole)
  walker.uncalled(walker.at(scope, passage))
  return { commands: walker.commands, problems: walker.problems }
}

class Walker implements Runner {
  readonly commands: ShellCommand[] = []
  readonly problems: { reason: string; origin: FileOrigin }[] = []
  readonly context: ShellContext
  certain = true
  site: FileOrigin | undefined
  readonly #called = new Set<ScriptBlock>()
  readonly #stack = new Set<ScriptBlock>()
  readonly #parsed = new Map<string, ScriptBlock>()
  #steps = 0
  /** Of the loops around. */
  #around = 1
  #calls = 0
  #leaving = 0
  #words = 0

  constructor(context: ShellContext) {
    this.context = context
  }

  at(scope: Scope, passage: Passage, script: string | undefined = this.context.script): Surroundings {
    return {
      scope,
      source: { passage, holes: [] },
      script,
      output: (body, at) => this.#output(body, at),
      each: (block, items, at) => this.each(block, items, at),
      setEnvironment: (name, value, at, origin) => this.setEnvironment(name, value, at, origin),
      problem: (reason, origin) => this.problem(reason, origin),
    }
  }

  problem(reason: string, origin: FileOrigin): void {
    this.problems.push({ reason, origin })
  }

  started(length: number, origin: FileOrigin, command: () => ShellCommand): void {
    const before = this.#words
    this.#words += length
    if (this.#words <= WORDS) this.commands.push(command())
    else if (before <= WORDS) this.problem('more commands than are followed', origin)
  }

  script(source: Source, at: Surroundings, given: readonly Argument[] | undefined, origin: FileOrigin): Datum {
    const { content } = source.passage
    let block = this.#parsed.get(content)
    if (block === undefined) {
      const script = parsePowerShell(content)
      block = script.block
      this.#parsed.set(content, block)
      for (const { reason, start, end } of script.problems) this.problem(reason, source.passage.origin(start, end))
    }
    return this.#run({ kind: 'block', block, source }, { ...at, source }, given, origin)
  }

  call(block: Block, given: readonly Argument[], at: Surroundings, origin: FileOrigin): Datum {
    this.#called.add(block.block)
    const scope = at.scope.copy()
    const before = this.site
    // A function of another file starts what it starts where it is called.
    if (block.source.passage !== at.source.passage) this.site ??= origin
    const datum = this.#run(block, { ...at, scope, source: block.source }, given, origin)
    this.site = before
    at.scope.leave(scope)
    return datum
  }

  #run({ block }: Block, at: Surroundings, given: readonly Argument[] | undefined, origin: FileOrigin): Datum {
    // One that calls itself starts nothing else the second time.
    if (this.#stack.has(block)) return unknown('what calls itself is not followed', origin)
    if (this.#calls >= CALLS) {
      this.problem('functions or scripts call one another too deeply', origin)
      return unknown('called too deeply', origin)
    }
    this.#calls++
    this.#stack.add(block)
    this.#parameters(block, given, at)
    const datum = datumOf(this.#statements(block.body, at))
    this.#stack.delete(block)
    this.#calls--
    return datum
  }

  /** The bodies of functions that nothing was seen to call: another script may. */
  uncalled(at: Surroundings): void {
    this.certain = false
    for (const [, { block, source }] of at.scope.functions) {
      // Those of another file are read with it.
      if (this.#called.has(block) || source.passage !== at.source.passage) continue
      const scope = at.scope.copy()
      scope.ended = false
      this.#run({ kind: 'block', block, source }, { ...at, scope, source }, undefined, originOf(block, { ...at, source }))
    }
  }

  #parameters(block: ScriptBlock, given: readonly Argument[] | undefined, at: Surroundings): void {
    const parameters = block.parameters ?? []
    const bound = bind(given ?? [], parameters, false)
    for (const parameter of parameters) {
      const name = parameter.name.toLowerCase()
      const origin = originOf(parameter, at)
      const fallback = parameter.value === undefined ? ABSENT : evaluate(parameter.value, at)
      // What the caller gives is not known of a script's own parameters.
      const own = given === undefined ? ownParameter(parameter, fallback, origin) : fallback
      at.scope.assign(name, bound.given.get(name) ?? own, origin)
    }
    const rest =
      given === undefined
        ? ({ kind: 'argument', name: '$args', fallback: ABSENT, origin: originOf(block, at) } as const)
        : listOf(bound.rest)
    at.scope.assign('args', rest, originOf(block, at))
  }

  each(block: Block, items: readonly Item[], at: Surroundings): Datum {
    const origin = originOf(block.block, { ...at, source: block.source })
    const inside = { ...at, source: block.source }
    this.#called.add(block.block)
    const put = this.#rounds(items, '_', origin, at, () => this.#statements(block.block.body, inside))
    return datumOf(put)
  }

  /** Goes through a body once for each item that is known; else once for all. */
  #rounds(items: readonly Item[], name: string, origin: FileOrigin, at: Surroundings, body: () => readonly Item[]): readonly Item[] {
    const { scope } = at
    if (items.length === 0) return this.#way(scope, body)
    const known = items.flatMap((item) => (item.kind === 'fork' || item.kind === 'unknown' ? [] : [item]))
    const rounds = this.#around * items.length
    if (known.length === items.length && items.length <= ROUNDS && rounds <= NESTED_ROUNDS) {
      const outside = this.#around
      this.#around = rounds
      const put = known.flatMap((item) => {
        scope.assign(name, item, origin)
        return body()
      })
      this.#around = outside
      return put
    }
    scope.assign(name, unknown('one of several that are not all known', origin), origin)
    return this.#way(scope, body)
  }

  /** A way that may or may not be taken. */
  #way(scope: Scope, body: () => readonly Item[]): readonly Item[] {
    const before = scope.copy()
    const put = this.maybe(body)
    const after = scope.copy()
    scope.join(undefined, after, before)
    return put.length === 0 ? [] : [{ kind: 'fork', ways: [[], put] }]
  }

  maybe<T>(run: () => T): T {
    const before = this.certain
    this.certain = false
    const result = run()
    this.certain = before
    return result
  }

  setEnvironment(name: string | undefined, value: Value, at: Surroundings, origin: FileOrigin): void {
    const { scope } = at
    if (name !== undefined) {
      if (!scope.setEnvironment(name, value, origin)) this.problem('too many variables', origin)
    } else if (scope.filesRead.length > 0) {
      // A loop over the lines of a `.env` file.
      scope.environmentFiles = [...new Set([...scope.environmentFiles, ...scope.filesRead])]
    } else this.problem('which variable is set is not known', origin)
  }

  /** What statements in brackets put out: a list stays the list that it is. */
  #output(body: readonly Statement[], at: Surroundings): Datum {
    const [only] = body
    if (only?.kind !== 'pipeline' || body.length !== 1 || only.elements.length !== 1) return datumOf(this.#statements(body, at))
    const [element] = only.elements
    return element?.kind === 'expression' ? evaluate(element.expression, at) : datumOf(this.#statements(body, at))
  }

  #statements(body: readonly Statement[], at: Surroundings, from = 0): readonly Item[] {
    const put: Item[] = []
    for (let index = from; index < body.length && !at.scope.ended; index++) {
      const statement = body[index]
      if (statement === undefined) break
      if (++this.#steps > STEPS) {
        if (this.#steps === STEPS + 1) this.problem('too long to be followed to its end', originOf(statement, at))
        break
      }
      if (statement.kind === 'if') {
        const { items, rest } = this.#if(statement, at, () => this.#statements(body, at, index + 1))
        put.push(...items)
        if (rest) break
      } else put.push(...this.#statement(statement, at))
    }
    return put
  }

  #statement(statement: Exclude<Statement, { readonly kind: 'if' }>, at: Surroundings): readonly Item[] {
    const { scope } = at
    switch (statement.kind) {
      case 'pipeline':
        return this.#pipeline(statement, at)
      case 'chain': {
        const first = this.#statements([statement.first], at)
        return [...first, ...statement.rest.flatMap(({ operator, node }) => this.#chained(operator, node, at))]
      }
      case 'assignment':
        assign(statement, this.#output([statement.value], at), at)
        return []
      case 'loop': {
        const body = (): readonly Item[] => this.#statements(statement.body, at)
        const before = this.#statements(statement.before, at)
        return [...before, ...(statement.runs ? body() : this.#way(scope, body))]
      }
      case 'foreach': {
        const items = itemsOf(this.#output([statement.items], at))
        return this.#rounds(items, statement.name, originOf(statement.items, at), at, () => this.#statements(statement.body, at))
      }
      case 'switch':
        return this.#switch(statement, at)
      case 'try': {
        const put = [...this.#statements(statement.body, at)]
        for (const body of statement.catches) {
          const ended = scope.ended
          scope.ended = false
          put.push(...this.#way(scope, () => this.#statements(body, at)))
          scope.ended = ended
        }
        const { ended } = scope
        scope.ended = false
        put.push(...this.#statements(statement.last, at))
        scope.ended ||= ended
        return put
      }
      case 'function':
        if (!scope.define(statement.name, { block: statement.block, source: at.source }))
          this.problem('too many functions', originOf(statement, at))
        return []
      case 'flow': {
        const put = statement.value === undefined ? [] : itemsOf(this.#output([statement.value], at))
        // Where a loop ends is not followed: what stands behind `break` in it counts.
        if (statement.word !== 'break' && statement.word !== 'continue') scope.ended = true
        return statement.word === 'return' ? put : []
      }
      default:
        return statement satisfies never
    }
  }

  #chained(operator: '&&' | '||', node: Statement, at: Surroundings): readonly Item[] {
    // What follows a command that is meant to succeed is as certain as the command itself.
    return operator === '&&' ? this.#statements([node], at) : this.#way(at.scope, () => this.#statements([node], at))
  }

  #pipeline({ elements }: Extract<Statement, { readonly kind: 'pipeline' }>, at: Surroundings): readonly Item[] {
    let datum: Datum = ABSENT
    for (const element of elements) {
      datum = element.kind === 'expression' ? evaluate(element.expression, at) : invoke(element, datum, at, this)
    }
    return itemsOf(datum)
  }

  /**
   * Every way of a condition, and where some of them leave the function, what follows in the others (`rest`, which is then gone through
   * here): so that `if (…) { return a }` with `return b` behind it gives one or the other.
   */
  #if(
    statement: Extract<Statement, { readonly kind: 'if' }>,
    at: Surroundings,
    rest: () => readonly Item[],
  ): { readonly items: readonly Item[]; readonly rest: boolean } {
    const { scope } = at
    const ways: { readonly condition: Condition | undefined; readonly scope: Scope; readonly items: readonly Item[] }[] = []
    for (const { condition, body } of statement.arms) {
      this.#output([condition], at)
      ways.push({ condition: conditionOf(condition, at), ...this.#branch(body, at) })
    }
    const otherwise = this.#branch(statement.otherwise ?? [], at)
    const origin = originOf(statement, at)
    const all = [...ways, otherwise]
    const ended = all.filter((way) => way.scope.ended).length
    const joined = ways.toReversed().reduce((behind, way) => {
      const merged = behind.copy()
      merged.join(way.condition, way.scope, behind)
      return merged
    }, otherwise.scope)
    scope.become(joined)
    const goesOn = ended > 0 && ended < all.length && this.#leaving < LEAVING
    this.#leaving++
    const following = goesOn ? rest() : []
    this.#leaving--
    const putOf = (way: { readonly scope: Scope; readonly items: readonly Item[] }): Datum =>
      datumOf(way.scope.ended ? way.items : [...way.items, ...following])
    const merged = ways.toReversed().reduce((behind, way) => mergeData(way.condition, putOf(way), behind, origin), putOf(otherwise))
    return { items: itemsOf(merged), rest: goesOn }
  }

  #branch(body: readonly Statement[], at: Surroundings): { readonly scope: Scope; readonly items: readonly Item[] } {
    const scope = at.scope.copy()
    return { scope, items: this.maybe(() => this.#statements(body, { ...at, scope })) }
  }

  #switch(statement: Extract<Statement, { readonly kind: 'switch' }>, at: Surroundings): readonly Item[] {
    const origin = originOf(statement, at)
    this.#output([statement.subject], at)
    const ways = statement.arms.map(({ body }) => this.#branch(body, at))
    if (!statement.arms.some(({ pattern }) => pattern === undefined)) ways.push(this.#branch([], at))
    const [first, ...others] = ways
    if (first === undefined) return []
    const joined = first.scope.copy()
    for (const way of others) joined.join(undefined, way.scope, joined.copy())
    at.scope.become(joined)
    return itemsOf(others.reduce((one, way) => mergeData(undefined, datumOf(way.items), one, origin), datumOf(first.items)))
  }
}

function datumOf(items: readonly Item[]): Datum {
  const [only] = items
  if (only === undefined) return ABSENT
  return items.length === 1 && only.kind !== 'fork' ? only : listOf(items)
}

/** A parameter of the script itself: what it is given decides, and its default where it is given nothing. */
function ownParameter(parameter: Parameter, fallback: Datum, origin: FileOrigin): Datum {
  if (!isValue(fallback)) return fallback
  return { kind: 'argument', name: `-${parameter.name}`, fallback, origin }
}
