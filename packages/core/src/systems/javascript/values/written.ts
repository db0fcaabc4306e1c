import { around, type Node } from '../../tree.ts'
import type { Change } from './changed.ts'
import type { Evaluator } from './evaluator.ts'
import { certainStatement } from './flow.ts'
import { guardsOf, type Guard, underGuards } from './guarded.ts'
import { choiceMeaning, eitherMeaning, type Frame, isNothing, type Meaning, NOTHING, unknownMeaning } from './meaning.ts'
import { stepsMeaning } from './names.ts'
import { bare, FUNCTIONS } from '../source/syntax.ts'
import { testedExpression } from './tested.ts'

/**
 * What a variable may be at `at`, when it is also written elsewhere: the last write that certainly ran before counts
 * alone, with those that may have run after it, each under its condition. Writes in other functions may run at any time.
 */
export function writtenMeaning(
  initial: Meaning,
  writes: readonly Change[],
  name: string,
  at: Node,
  frame: Frame | undefined,
  evaluator: Evaluator,
): Meaning {
  const here = around(at, FUNCTIONS)
  const nodes = new Set(writes.map((write) => write.node))
  let current = initial
  let inside = false
  let elsewhere: Meaning[] = []
  let certain: Node | undefined
  for (const write of writes.toSorted((a, b) => a.node.start - b.node.start)) {
    const same = write.node.file === at.file && around(write.node, FUNCTIONS) === here
    inside ||= same
    // Code of the same function that stands behind has not run yet, but for what a round of a loop left behind.
    if (same && write.node.end > at.start) {
      if (inOneLoop(write.node, at))
        elsewhere.push(writeMeaning(write, choiceMeaning([current, ...elsewhere], at.origin), name, frame, evaluator))
      continue
    }
    const before = choiceMeaning([current, ...elsewhere], at.origin)
    const meaning = writeMeaning(write, before, name, frame, evaluator)
    const statement = same ? certainStatement(write.node, at, nodes) : undefined
    if (!same) elsewhere.push(meaning)
    // The branches of one statement stand beside each other: `if (x) a = 1; else a = 2`.
    else if (statement !== undefined && statement !== certain) {
      current = meaning
      elsewhere = []
    } else current = conditional(write, meaning, current, name, at, frame, evaluator)
    certain = statement ?? certain
  }
  // A name that only other functions fill (`let server` of a module) is meant filled.
  const given = elsewhere.filter((option) => !isNothing(option))
  return choiceMeaning(!inside && given.length > 0 && isNothing(initial) ? given : [current, ...elsewhere], at.origin)
}

const LOOPS: ReadonlySet<string> = new Set(['for_statement', 'for_in_statement', 'while_statement', 'do_statement'])

function inOneLoop(write: Node, at: Node): boolean {
  for (let loop = around(write, LOOPS_AND_FUNCTIONS); loop !== undefined && LOOPS.has(loop.kind); loop = around(loop, LOOPS_AND_FUNCTIONS))
    if (at.within(loop) && !at.within(write)) return true
  return false
}

const LOOPS_AND_FUNCTIONS: ReadonlySet<string> = new Set([...LOOPS, ...FUNCTIONS])

/** What is there behind a write that may be left out. */
function conditional(
  write: Change,
  meaning: Meaning,
  before: Meaning,
  name: string,
  at: Node,
  frame: Frame | undefined,
  evaluator: Evaluator,
): Meaning {
  const guards = guardsOf(write.node, at)
  if (guards === 'never') return before
  const [first] = guards ?? []
  if (first === undefined || guards === undefined) return choiceMeaning([before, meaning], at.origin)
  if (!guards.some(({ test }) => asksFor(test, name))) return underGuards(guards, meaning, before, frame, at, evaluator)
  const operator = guards.length === 1 ? whereMissing(first, write) : undefined
  return operator === undefined ? choiceMeaning([before, meaning], at.origin) : eitherMeaning(before, meaning, operator, at.origin)
}

const asksFor = (test: Node, name: string): boolean => test.content.split(/[^\w$]+/).includes(name.split('.').at(-1) ?? name)

/** `if (!host) host = '127.0.0.1'` is `host ||= '127.0.0.1'`. */
function whereMissing(guard: Guard, write: Change): '||' | '??' | undefined {
  const tested = testedExpression(bare(guard.test))
  if (tested.negated !== guard.holds || bare(tested.node).content !== write.node.field('left')?.content) return undefined
  return bare(guard.test).kind === 'binary_expression' ? '??' : '||'
}

function writeMeaning(write: Change, before: Meaning, name: string, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const { operator, value } = write
  if (write.gives !== undefined) {
    const { gives } = write
    const given = evaluator.once(write.node, frame, () => gives(before, frame, evaluator), NOTHING)
    return operator === '=' ? given : eitherMeaning(before, given, operator === '||=' ? '||' : '??', write.node.origin)
  }
  if (value === undefined || !(operator === '=' || operator === '||=' || operator === '??=')) {
    return unknownMeaning(`\`${name}\` is changed while the program runs`, write.node.origin)
  }
  const meaning = evaluator.once(
    write.node,
    frame,
    () => stepsMeaning(evaluator.meaning(value, frame), write.steps, frame, write.node, evaluator),
    NOTHING,
  )
  if (operator === '=') return meaning
  return eitherMeaning(before, meaning, operator === '||=' ? '||' : '??', write.node.origin)
}
