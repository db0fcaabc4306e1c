import type { Value } from '../../evidence/index.ts'
import { allStay, isLeaving, leaves, mayLeave, passed } from '../leaving.ts'
import { isMissing, type LoadSite, namesLoadedFile, reachedWithin } from '../load-conditions.ts'
import { around, type Node } from '../tree.ts'
import { both, either, negated, type Truth, truthOf, undecided } from '../truth.ts'
import { decide, type Verdict } from './conditions.ts'
import type { Evaluator } from './evaluator.ts'
import { pathOf } from './file-paths.ts'
import { bare, escaped, isMainTest } from './syntax.ts'

/** What decides whether a node is come to once the function around it runs, or its module. */
export function reached(node: Node, load: LoadSite, evaluator: Evaluator): Truth {
  const asked: Asked = { load, evaluator }
  return reachedWithin(
    node,
    load,
    ({ kind }) => kind === 'function_definition',
    (inner, outer) => entered(inner, outer, asked),
  )
}

interface Asked {
  readonly load: LoadSite
  readonly evaluator: Evaluator
}

/** Whether a part of a statement or expression is come to once the whole is. */
function entered(inner: Node, outer: Node, asked: Asked): Truth {
  switch (outer.kind) {
    case 'module':
    case 'block':
      return passed(inner, outer, (statement) => stays(statement, asked, 0))
    case 'if_statement': {
      const condition = outer.field('condition')
      if (condition === undefined || inner === condition) return true
      const before = outer.named
        .filter((one) => one.kind === 'elif_clause' && one.end <= inner.start)
        .flatMap((one) => one.field('condition') ?? [])
      if (inner.kind !== 'elif_clause' && inner.kind !== 'else_clause') return holds(condition, true, asked)
      return [condition, ...before].reduce<Truth>((found, one) => both(found, () => holds(one, false, asked)), true)
    }
    case 'elif_clause': {
      const condition = outer.field('condition')
      return condition === undefined || inner === condition ? true : holds(condition, true, asked)
    }
    case 'conditional_expression': {
      const [chosen, condition] = outer.named
      return condition === undefined || inner === condition ? true : holds(condition, inner === chosen, asked)
    }
    case 'boolean_operator': {
      const left = outer.field('left')
      return left === undefined || inner === left ? true : holds(left, outer.field('operator')?.kind === 'and', asked)
    }
    case 'except_clause':
    case 'except_group_clause':
      // What has loaded the one file or the other.
      return LOADS.test(outer.parent?.field('body')?.content ?? '') ? true : undecided(outer.origin)
    case 'else_clause': {
      const tried = outer.parent?.kind === 'try_statement' ? outer.parent.field('body') : undefined
      return tried === undefined || tried.named.every(isImport) ? true : undecided(outer.origin)
    }
    case 'case_clause':
      return undecided(outer.origin)
    default:
      return true
  }
}

const LOADS = /dotenv|environs?\b|read_env/

const isImport = ({ kind }: Node): boolean => kind === 'import_statement' || kind === 'import_from_statement'

/** Whether the program goes on behind a statement. One that ends it lets nothing listen either. */
function stays(statement: Node, asked: Asked, depth: number): Truth {
  if (isLeaving(statement)) return false
  if (!mayLeave(statement)) return true
  if (depth >= 20) return undecided(statement.origin)
  if (statement.kind === 'block') return allStay(statement.named, (one) => stays(one, asked, depth + 1))
  if (statement.kind !== 'if_statement') return leaves(statement, FUNCTIONS, LOOPS) ? undecided(statement.origin) : true
  const branches = [statement, ...statement.named.filter((one) => one.kind === 'elif_clause' || one.kind === 'else_clause')]
  return branches.reduceRight<Truth>((otherwise, branch) => {
    const condition = branch.field('condition')
    const body = branch.field(condition === undefined ? 'body' : 'consequence')
    const through = body === undefined ? true : stays(body, asked, depth + 1)
    if (condition === undefined) return through
    return either(
      both(through, () => holds(condition, true, asked)),
      () => both(otherwise, () => holds(condition, false, asked)),
    )
  }, true)
}

/** What takes `break` for itself. */
const LOOPS: ReadonlySet<string> = new Set(['for_statement', 'while_statement'])
const FUNCTIONS: ReadonlySet<string> = new Set(['function_definition'])

/** Whether a condition comes out as it is wanted to. */
function holds(condition: Node, wanted: boolean, asked: Asked, depth = 0): Truth {
  const { evaluator } = asked
  const node = bare(condition)
  if (depth > 20) return undecided(node.origin)
  const argument = node.kind === 'not_operator' ? node.field('argument') : undefined
  if (argument !== undefined) return holds(argument, !wanted, asked, depth + 1)
  const [left, right] = [node.field('left'), node.field('right')]
  if (node.kind === 'boolean_operator' && left !== undefined && right !== undefined) {
    const first = holds(left, wanted, asked, depth + 1)
    const second = (): Truth => holds(right, wanted, asked, depth + 1)
    return (node.field('operator')?.kind === 'and') === wanted ? both(first, second) : either(first, second)
  }
  if (isMainTest(node)) return wanted
  const known = asksForLoader(node, wanted, asked) ?? asksForFile(node, wanted, asked)
  if (known !== undefined) return known
  const truth = truthOfVerdict(
    evaluator.fresh(() => decide(evaluator, node, undefined)),
    node,
  )
  return wanted ? truth : negated(truth)
}

function truthOfVerdict(verdict: Verdict, { origin }: Node): Truth {
  switch (verdict?.kind) {
    case undefined:
      return undecided(origin)
    case 'certain':
      return verdict.holds
    case 'says':
      return truthOf({ kind: 'choice', options: [said(verdict.holds, origin), said(!verdict.holds, origin)], when: verdict.when, origin })
    case 'set': {
      // Set to whatever it is.
      const truth = truthOf({ ...verdict.variable, whenSet: said(true, origin) })
      return verdict.holds ? truth : negated(truth)
    }
    default:
      return verdict satisfies never
  }
}

const said = (value: boolean, origin: Node['origin']): Value => ({ kind: 'known', value, origin })

/** `if load_dotenv is not None`, `if HAS_DOTENV`, `if path: load_dotenv(path)`: whether there is what loads, or is loaded. */
function asksForLoader(node: Node, wanted: boolean, { load, evaluator }: Asked): boolean | undefined {
  const nothing = /^([\w.]+)\s*(is\s+not|is|!=|==)\s*None$/.exec(node.content)
  const subject = nothing?.[1] ?? node.content
  const isNot = nothing?.[2] === 'is' || nothing?.[2] === '=='
  if (/^(?:\w+\.)*find_spec\(\s*['"](?:dotenv|environs?)['"]\s*\)$/.test(subject)) return wanted !== isNot
  if (/^(?:\w+\.)*find_dotenv\(/.test(subject)) return wanted
  if (!/^[\w.]+$/.test(subject)) return undefined
  if (new RegExp(String.raw`(?:^|[^\w.])${escaped(subject)}(?!\w)`).test(load.code)) return wanted !== isNot
  const told = node.kind === 'identifier' ? (evaluator.moduleOf(node)?.lookup(subject, node) ?? []) : []
  // The package was there, or was not.
  const imported = told.find((one) => {
    const tried = around(one.node, TRIED)
    return tried?.parent?.kind === 'try_statement' && tried.isField('body') && LOADS.test(tried.content)
  })
  const value = imported?.kind === 'assignment' ? imported.value.content : imported === undefined ? undefined : 'True'
  return value === 'True' || value === 'False' ? (value === 'True') === wanted : undefined
}

const TRIED: ReadonlySet<string> = new Set(['block', 'function_definition'])

/** `if Path('.env').exists()`: what is loaded is loaded where it is there. That it is missing only the folder tells. */
function asksForFile(node: Node, wanted: boolean, { load, evaluator }: Asked, depth = 0): Truth | undefined {
  if (node.kind === 'identifier' && depth === 0) {
    const [told, another] = evaluator.moduleOf(node)?.lookup(node.content, node) ?? []
    if (told?.kind !== 'assignment' || another !== undefined || told.path.length > 0) return undefined
    return /\bfind_dotenv\(/.test(told.value.content) ? wanted : asksForFile(bare(told.value), wanted, { load, evaluator }, 1)
  }
  const callee = node.kind === 'call' ? node.field('function') : undefined
  const name = callee?.kind === 'attribute' ? callee.field('attribute')?.content : callee?.content
  if (callee === undefined || name === undefined || !/^(?:exists|isfile|is_file)$/.test(name)) return undefined
  const file = node.field('arguments')?.named[0] ?? callee.field('object')
  if (!namesLoadedFile(file?.content ?? '', load)) return undefined
  if (wanted) return true
  const path = file === undefined ? undefined : pathOf(evaluator, { node: file, frame: undefined }).value
  if (path?.kind !== 'known') return undecided(node.origin)
  return isMissing(String(path.value), evaluator.project.snapshot)
}
