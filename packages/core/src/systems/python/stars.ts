import { directoryOf } from '../paths.ts'
import { around, type Node, nodeAt } from '../tree.ts'
import { decide, either } from './conditions.ts'
import type { Evaluator } from './evaluator.ts'
import { type Candidate, reaching } from './flow.ts'
import type { Module } from './module.ts'
import { scopeOf } from './syntax.ts'
import { afterGlobals, staysAsItIs } from './global-writes.ts'
import { several, type Thing, unknown } from './thing.ts'

/** `from module import *`, and where of the text its names are there. */
export interface Star {
  /** The import; in the body of a `try` the whole statement, as a body that cannot run gives no name. */
  readonly node: Node
  readonly module: string
  readonly level: number
  readonly inTry: boolean
}

const STAR = /^[ \t]*from[ \t]+(\.{0,40}[\w.]{0,300})[ \t]+import[ \t]+\*/gm
const STARS = new WeakMap<Module, readonly Star[]>()

/** Those at the top of a module, in their order. */
function starsOf(module: Module): readonly Star[] {
  const known = STARS.get(module)
  if (known !== undefined) return known
  const found = [...module.file.content.matchAll(STAR)].flatMap((match): readonly Star[] => {
    const inner = nodeAt(module.root, match.index + match[0].length - 1)
    const statement = inner === undefined ? undefined : around(inner, IMPORT)
    if (statement === undefined || scopeOf(statement) !== module.root) return []
    const name = match[1] ?? ''
    const level = /^\.*/.exec(name)?.[0].length ?? 0
    const tried = bodyOfTry(statement)
    return [{ node: tried ?? statement, module: name.slice(level), level, inTry: tried !== undefined }]
  })
  STARS.set(module, found)
  return found
}

const IMPORT: ReadonlySet<string> = new Set(['import_from_statement'])

/** The `try` whose body begins with the statement. */
function bodyOfTry(statement: Node): Node | undefined {
  const block = statement.parent
  if (block?.kind !== 'block' || block.named[0] !== statement) return undefined
  const outer = block.parent
  return outer?.kind === 'try_statement' && outer.field('body') === block ? outer : undefined
}

/** Names of modules that hold what differs from one machine to another, and that a repository leaves out. */
const OWN =
  /(?:^|[._])(?:local|secrets?|private|overrides?|custom|instance|site|settings|config|conf|env|prod(?:uction)?|dev)(?:$|[._])|(?:local|settings|config)$/

/** What a name of the module is where its star imports may have given it another value; `before`: what its own definitions give. */
export function withStars(
  evaluator: Evaluator,
  module: Module,
  name: string,
  before: Definitions | undefined,
  use: Node,
): Thing | undefined {
  const giving = starsOf(module).flatMap((star) => {
    const given = gives(evaluator, module, star, name)
    return given === undefined ? [] : [{ ...star, given }]
  })
  // A definition behind a star import takes its place.
  const sure = before?.places.findLast(({ under }) => under === undefined)?.place.node.start ?? -1
  const behind = giving.filter(({ node }) => node.start > sure && (scopeOf(use) !== module.root || isBefore(node, use, module)))
  const candidates = behind.flatMap((star) => reaching([star], use, module.root))
  return candidates.reduce<Thing | undefined>((earlier, { place, under }) => {
    const { given } = place
    // A name that nothing of the folder defines is Python's own, or a package's.
    if (given.kind === 'missing')
      return earlier === undefined || staysAsItIs(earlier) ? earlier : several([earlier, given.thing], use.origin)
    if (under === undefined || earlier === undefined) return given.thing()
    if (under === 'undetermined') return several([earlier, given.thing()], use.origin)
    return either(decide(evaluator, under.test, undefined), under.holds, given.thing, earlier, use.origin)
  }, before?.thing())
}

/** The end of a module, where others take its names, is written as its root. */
const isBefore = (node: Node, use: Node, module: Module): boolean => use === module.root || node.start < use.start

/** What the definitions of a name in one module give, and those of them that may hold. */
export interface Definitions {
  readonly places: readonly Candidate<{ readonly node: Node }>[]
  readonly thing: () => Thing
}

type Given = { readonly kind: 'module'; readonly thing: () => Thing } | { readonly kind: 'missing'; readonly thing: Thing }

/** What a star import gives a name; `undefined`: surely nothing. */
function gives(evaluator: Evaluator, module: Module, star: Star, name: string): Given | undefined {
  const target = evaluator.project.resolve(module.path, star.module, star.level)
  if (target?.kind === 'file') {
    const inner = target.path === module.path ? undefined : evaluator.project.module(target.path)
    if (inner === undefined) return undefined
    const thing = evaluator.once(`${inner.path} ${name}`, undefined, () => exportedThing(evaluator, inner, name))
    return thing === undefined ? undefined : { kind: 'module', thing: () => thing }
  }
  if (target !== undefined || !(star.level > 0 || star.inTry || OWN.test(star.module)) || name.startsWith('_')) return undefined
  // A module of the folder has its neighbours there; what is in a package of its own comes with that.
  if (star.level === 0 && !star.inTry && star.module.includes('.')) return undefined
  return { kind: 'missing', thing: unknown(missing(module, star, name), star.node.origin) }
}

function missing(module: Module, { module: named, level }: Star, name: string): string {
  const directory = directoryOf(module.path)
  const where = level === 1 && directory !== '' ? `${directory}/` : ''
  return `${name} may be set by ${level > 0 ? `${where}${named.replaceAll('.', '/')}.py` : named}, which is not in the folder`
}

/** What a module has under a name at its end: its own definitions, and what it takes over from others. */
export function exportedThing(evaluator: Evaluator, module: Module, name: string): Thing | undefined {
  const definitions = module.exported(name)
  const own =
    definitions.length === 0
      ? undefined
      : {
          places: reaching(definitions, module.root, module.root),
          thing: () => evaluator.defined(definitions, module.root, undefined),
        }
  const thing = withStars(evaluator, module, name, own, module.root)
  return thing === undefined ? undefined : afterGlobals(evaluator, module, name, thing, module.root)
}
