import type { Node } from '../tree.ts'
import { branch, conditionOf, switchCondition } from './conditions.ts'
import type { Evaluator } from './evaluator.ts'
import { isErrorExit, returnsOf } from './exits.ts'
import { isEnd, listed, parametersIn, statementsOf } from './syntax.ts'
import { type Frame, several, type Thing, valueThing } from './thing.ts'

type Maybe = Thing | undefined

/** What a call of a function gives; several results are a tuple. `undefined`: it never comes back, or only with a mistake. */
export function returned(evaluator: Evaluator, definition: Node, frame: Frame): Maybe {
  const body = definition.field('body')
  return body === undefined ? undefined : new Returns(evaluator, definition, frame).of(statementsOf(body), 0, () => undefined)
}

class Returns {
  readonly #evaluator: Evaluator
  readonly #definition: Node
  readonly #frame: Frame

  constructor(evaluator: Evaluator, definition: Node, frame: Frame) {
    this.#evaluator = evaluator
    this.#definition = definition
    this.#frame = frame
  }

  /** What is given from a statement on; `then`: where they come to their end. */
  of(statements: readonly Node[], from: number, then: () => Maybe): Maybe {
    for (let index = from; index < statements.length; index++) {
      const statement = statements[index]
      if (statement === undefined || !this.#evaluator.step()) return undefined
      if (statement.kind === 'return_statement') return this.#given(statement)
      if (isEnd(statement) && statement.kind === 'expression_statement') return undefined
      if (!statement.content.includes('return') || returnsOf(statement).length === 0) continue
      const rest = once(() => this.of(statements, index + 1, then))
      if (statement.kind === 'block') return this.of(statementsOf(statement), 0, rest)
      if (statement.kind === 'if_statement') return this.#either(statement, rest)
      if (statement.kind === 'expression_switch_statement') return this.#cases(statement, rest)
      const inside = returnsOf(statement).flatMap((one) => this.#given(one) ?? [])
      const after = rest()
      return several([...inside, ...(after === undefined ? [] : [after])], statement.origin)
    }
    return then()
  }

  #either(statement: Node, rest: () => Maybe): Maybe {
    const [condition, yes, no] = [statement.field('condition'), statement.field('consequence'), statement.field('alternative')]
    const then = yes === undefined ? rest() : this.of(statementsOf(yes), 0, rest)
    const other = no === undefined ? rest() : no.kind === 'if_statement' ? this.#either(no, rest) : this.of(statementsOf(no), 0, rest)
    if (condition === undefined) return then
    return this.#joined(conditionOf(this.#evaluator, condition, this.#frame), then, other, statement)
  }

  #cases(statement: Node, rest: () => Maybe): Maybe {
    const fallback = statement.named.find((node) => node.kind === 'default_case')
    const otherwise = fallback === undefined ? rest() : this.of(statementsOf(fallback), 0, rest)
    return statement.named
      .filter((node) => node.kind === 'expression_case')
      .reduceRight((no: Maybe, one) => {
        const condition = switchCondition(this.#evaluator, statement, one, this.#frame)
        return this.#joined(condition, this.of(statementsOf(one), 0, rest), no, statement)
      }, otherwise)
  }

  /** Of several results each is decided by itself. */
  #joined(condition: Parameters<typeof branch>[0], yes: Maybe, no: Maybe, at: Node): Maybe {
    if (yes?.kind !== 'tuple' || no?.kind !== 'tuple' || yes.items.length !== no.items.length) return branch(condition, yes, no, at.origin)
    const items = yes.items.flatMap((item, index) => branch(condition, item, no.items[index], at.origin) ?? [])
    return { kind: 'tuple', items }
  }

  #given(statement: Node): Maybe {
    if (isErrorExit(statement, this.#definition)) return undefined
    const values = listed(statement.named[0])
    const things =
      values.length === 0 ? this.#named(statement) : values.map((node) => this.#evaluator.evaluate({ node, frame: this.#frame }))
    const [only] = things
    return things.length === 1 ? only : { kind: 'tuple', items: things }
  }

  /** `return` alone gives what the names of the results hold. */
  #named(statement: Node): readonly Thing[] {
    const file = this.#evaluator.scopes.fileOf(this.#definition)
    return parametersIn(this.#definition.field('result')).map(({ name, node }, index) =>
      file === undefined
        ? valueThing({ kind: 'absent' })
        : this.#evaluator.reads.read(
            { declaration: { kind: 'variable', name, node, index, scope: this.#definition, file }, path: [] },
            { node: statement, after: false },
            this.#frame,
          ),
    )
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
