import { allStay, isLeaving, leaves, mayLeave, passed } from '../../leaving.ts'
import { isMissing, type LoadSite, namesLoadedFile, reachedWithin } from '../../load-conditions.ts'
import type { Node } from '../../tree.ts'
import { both, either, negated, type Truth, truthOf, undecided } from '../../truth.ts'
import { pathsOf } from '../settings/file-paths.ts'
import { argumentsOf, bare, calleeOf, FUNCTIONS, isProgramTest, literalText } from '../source/syntax.ts'
import { conditionValue } from '../values/conditions.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { caseGuard, guardValue } from '../values/guarded.ts'
import { EQUALITIES, testedExpression } from '../values/tested.ts'
import { settled } from '../values/values.ts'

/** What decides whether a node is come to once `owners` around it run, or its module. */
export function reached(node: Node, load: LoadSite, owners: ReadonlySet<string>, evaluator: Evaluator): Truth {
  const asked: Asked = { load, evaluator }
  return reachedWithin(
    node,
    load,
    ({ kind }) => owners.has(kind),
    (inner, outer) => entered(inner, outer, asked),
  )
}

interface Asked {
  readonly load: LoadSite
  readonly evaluator: Evaluator
}

const SEQUENCES: ReadonlySet<string> = new Set(['program', 'statement_block', 'switch_case', 'switch_default', 'class_static_block'])

/** Whether a part of a statement or expression is come to once the whole is. */
function entered(inner: Node, outer: Node, asked: Asked): Truth {
  if (SEQUENCES.has(outer.kind)) return both(caseTaken(outer, asked), () => passed(inner, outer, (statement) => stays(statement, asked, 0)))
  switch (outer.kind) {
    case 'if_statement':
    case 'ternary_expression': {
      const condition = outer.field('condition')
      return condition === undefined || condition === inner ? true : holds(condition, inner === outer.field('consequence'), asked)
    }
    case 'binary_expression':
    case 'augmented_assignment_expression': {
      const [left, operator] = [outer.field('left'), outer.field('operator')?.content ?? '']
      if (left === undefined || inner !== outer.field('right')) return true
      if (operator.startsWith('&&') || operator.startsWith('||')) return holds(left, operator.startsWith('&&'), asked)
      return operator.startsWith('??') ? undecided(left.origin) : true
    }
    case 'catch_clause':
      // What has loaded the one file or the other.
      return outer.parent?.field('body') !== undefined && LOADS.test(outer.parent.field('body')?.content ?? '')
        ? true
        : undecided(outer.origin)
    default:
      return true
  }
}

const LOADS = /dotenv|loadEnv/

function caseTaken(branch: Node, { evaluator }: Asked): Truth {
  if (branch.kind !== 'switch_case' && branch.kind !== 'switch_default') return true
  const guard = caseGuard(branch)
  if (guard?.cases === undefined) return undecided(branch.origin)
  // Each alone: what one of them is decides what the others are.
  const isOne = guard.cases.reduce<Truth>((found, one) => {
    const alone = { test: guard.test, cases: [one], holds: true }
    return either(found, () => truthOf(settled(evaluator.ask(new Map(), () => guardValue(alone, undefined, evaluator)).answer)))
  }, false)
  return guard.holds ? isOne : negated(isOne)
}

/** Whether the program goes on behind a statement. One that ends it lets nothing listen either. */
function stays(statement: Node, asked: Asked, depth: number): Truth {
  if (isLeaving(statement)) return false
  if (!mayLeave(statement)) return true
  if (depth < 20 && (statement.kind === 'statement_block' || statement.kind === 'else_clause'))
    return allStay(statement.named, (one) => stays(one, asked, depth + 1))
  const condition = statement.kind === 'if_statement' ? statement.field('condition') : undefined
  if (condition === undefined || depth >= 20) return leaves(statement, FUNCTIONS, LOOPS) ? undecided(statement.origin) : true
  const [yes, no] = [statement.field('consequence'), statement.field('alternative')]
  const through = (part: Node | undefined): Truth => (part === undefined ? true : stays(part, asked, depth + 1))
  return either(
    both(through(yes), () => holds(condition, true, asked)),
    () => both(through(no), () => holds(condition, false, asked)),
  )
}

/** What takes `break` for itself. */
const LOOPS: ReadonlySet<string> = new Set(['for_statement', 'for_in_statement', 'while_statement', 'do_statement', 'switch_statement'])

/** Whether a condition comes out as it is wanted to. */
function holds(condition: Node, wanted: boolean, asked: Asked, depth = 0): Truth {
  const { evaluator } = asked
  const node = bare(condition)
  const argument = node.kind === 'unary_expression' && node.field('operator')?.content === '!' ? node.field('argument') : undefined
  if (depth > 20) return undecided(node.origin)
  if (argument !== undefined) return holds(argument, !wanted, asked, depth + 1)
  const [left, right, operator] = [node.field('left'), node.field('right'), node.field('operator')?.content]
  if (left !== undefined && right !== undefined && (operator === '&&' || operator === '||')) {
    const first = holds(left, wanted, asked, depth + 1)
    const second = (): Truth => holds(right, wanted, asked, depth + 1)
    return (operator === '&&') === wanted ? both(first, second) : either(first, second)
  }
  if (isProgramTest(node.content)) return wanted
  const known = asksForLoader(node, wanted, asked) ?? asksForFile(node, wanted, asked)
  if (known !== undefined) return known
  const value = evaluator.ask(new Map(), () => evaluator.whole(() => conditionValue(node, undefined, evaluator))).answer
  if (value === undefined) return undecided(node.origin)
  const truth = truthOf(settled(value))
  return wanted ? truth : negated(truth)
}

/** `if (dotenv)`, `if (typeof process.loadEnvFile === 'function')`, `if (path) config({ path })`: whether there is what loads, or is loaded. */
function asksForLoader(node: Node, wanted: boolean, { load }: Asked): boolean | undefined {
  const { subject, negated: isNot } = subjectOf(node)
  if (!/^[\w$.]+$/.test(subject)) return undefined
  const word = subject.replace(/[$.]/g, String.raw`\$&`)
  return new RegExp(String.raw`(?:^|[^\w$.])${word}(?![\w$])`).test(load.code) ? wanted !== isNot : undefined
}

function subjectOf(node: Node): { readonly subject: string; readonly negated: boolean } {
  const [left, right] = [node.field('left'), node.field('right')]
  const equal = EQUALITIES[node.field('operator')?.content ?? '']
  const typed = left?.kind === 'unary_expression' && left.field('operator')?.content === 'typeof' ? left.field('argument') : undefined
  if (typed !== undefined && equal !== undefined)
    return { subject: bare(typed).content, negated: (literalText(right) === 'undefined') === equal }
  const { node: subject, negated: isNot } = testedExpression(node)
  return { subject: bare(subject).content, negated: isNot }
}

const EXISTS = /^(?:existsSync|exists|pathExists(?:Sync)?|fileExists(?:Sync)?|statSync|isFile(?:Sync)?|accessSync)$/

/** `if (fs.existsSync('.env'))`: what is loaded is loaded where it is there. That it is missing only the folder tells. */
function asksForFile(node: Node, wanted: boolean, { load, evaluator }: Asked, depth = 0): Truth | undefined {
  if (node.kind === 'identifier' && depth === 0) {
    const declared = evaluator.moduleOf(node)?.lookup(node.content, node)
    const value = declared?.kind === 'variable' && declared.steps.length === 0 ? declared.value : undefined
    return value === undefined ? undefined : asksForFile(bare(value), wanted, { load, evaluator }, 1)
  }
  const callee = node.kind === 'call_expression' ? calleeOf(node) : undefined
  const name = callee?.kind === 'member_expression' ? callee.field('property')?.content : callee?.content
  if (name === undefined || !EXISTS.test(name)) return undefined
  const [file] = argumentsOf(node)
  if (!namesLoadedFile(file?.content ?? callee?.content ?? '', load)) return undefined
  if (wanted) return true
  const paths = file === undefined ? [] : pathsOf(file, evaluator)
  const [path] = paths
  if (path?.value.kind !== 'known' || paths.length > 1) return undecided(node.origin)
  return isMissing(String(path.value.value), evaluator.project.snapshot)
}
