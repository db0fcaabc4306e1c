import { joinValues, type Value } from '../../evidence/index.ts'
import { directoryOf, joinPath } from '../paths.ts'
import type { Node } from '../tree.ts'
import type { Evaluator } from './evaluator.ts'
import { bare, literalText } from './syntax.ts'
import { type Frame, type Located, valueOf } from './thing.ts'

export interface PathValue {
  readonly value: Value
  /** Made from the source file's own directory. */
  readonly inFolder: boolean
}

export function pathOf(evaluator: Evaluator, { node, frame }: Located): PathValue {
  const parts = partsOf(evaluator, bare(node), frame, DEPTH)
  const here = parts?.[0] === HERE
  const rest = parts?.filter((part) => part !== HERE)
  if (rest === undefined || rest.length !== (parts?.length ?? 0) - (here ? 1 : 0))
    return { value: valueOf(evaluator.ask({ node, frame }), node.origin), inFolder: false }
  const open = rest.findIndex((part) => typeof part !== 'string')
  const texts = (open < 0 ? rest : rest.slice(0, open)).map(String)
  const begin = here ? joinPath(directoryOf(node.file.path), texts.join('/')) : texts.join('/')
  if (begin === undefined)
    return { value: { kind: 'unknown', reason: 'the file is outside the folder', origin: node.origin }, inFolder: true }
  const known = (value: string): Value => ({ kind: 'known', value, origin: node.origin })
  const further = open < 0 ? [] : rest.slice(open)
  if (further.includes('..'))
    return { value: { kind: 'unknown', reason: 'computed when the program runs', origin: node.origin }, inFolder: here }
  const named = further.flatMap((part, index): readonly Value[] => [
    ...(index === 0 && begin === '' ? [] : [known('/')]),
    typeof part === 'string' ? known(part) : part,
  ])
  return { value: joinValues([known(begin), ...named], node.origin), inFolder: here }
}

/** How deep an expression of a path is followed. */
const DEPTH = 12

/** The directory of the source file, at the start of a path. */
const HERE = Symbol('the directory of the source file')
/** A name, or one that is decided when the program starts. */
type PathPart = string | Value | typeof HERE

/** `Path(__file__).resolve().parent.parent / ".env"`, `os.path.join(os.path.dirname(__file__), ".env")`, `BASE_DIR / ".env"`. */
function partsOf(evaluator: Evaluator, node: Node, frame: Frame | undefined, depth: number): readonly PathPart[] | undefined {
  if (depth === 0) return undefined
  const inner = (one: Node | undefined): readonly PathPart[] | undefined =>
    one === undefined ? undefined : (partsOf(evaluator, bare(one), frame, depth - 1) ?? decidedPart(evaluator, { node: one, frame }))
  const text = literalText(node)
  if (text !== undefined) return [text]
  switch (node.kind) {
    case 'identifier': {
      if (node.content === '__file__') return [HERE, 'file']
      const definitions = evaluator.moduleOf(node)?.lookup(node.content, node) ?? []
      const [only] = definitions
      if (definitions.length !== 1) return undefined
      // A path that is made of the file's own is the default of a parameter, if it is one.
      if (only?.kind === 'parameter') {
        const given = only.node.field('value')
        return given === undefined || literalText(given) !== undefined ? undefined : inner(given)
      }
      return only?.kind === 'assignment' && only.path.length === 0 ? inner(only.value) : undefined
    }
    case 'binary_operator': {
      if (node.field('operator')?.kind !== '/') return undefined
      const [left, right] = [inner(node.field('left')), inner(node.field('right'))]
      return left === undefined || right === undefined ? undefined : [...left, ...right]
    }
    case 'attribute':
      return node.field('attribute')?.content === 'parent' ? parentOf(inner(node.field('object'))) : undefined
    case 'subscript': {
      const base = /\.parents$/.test(node.field('value')?.content ?? '') ? inner(node.field('value')?.field('object')) : undefined
      const index = Number(node.named[1]?.content)
      return base === undefined || !Number.isInteger(index)
        ? undefined
        : Array.from({ length: index + 1 }).reduce<readonly PathPart[] | undefined>(parentOf, base)
    }
    case 'call':
      return callParts(node, inner)
    default:
      return undefined
  }
}

/** Part of a path that a variable decides: `f".env.{stage}"`. */
function decidedPart(evaluator: Evaluator, located: Located): readonly PathPart[] | undefined {
  const value = evaluator.value(located)
  if (value.kind === 'known') return [String(value.value)]
  return value.kind === 'joined' || value.kind === 'environment' || value.kind === 'argument' ? [value] : undefined
}

function callParts(call: Node, inner: (one: Node | undefined) => readonly PathPart[] | undefined): readonly PathPart[] | undefined {
  const callee = call.field('function')
  const given = call.field('arguments')?.named ?? []
  const name = callee?.content ?? ''
  if (
    /(?:^|\.)(?:resolve|absolute|expanduser|joinpath)$/.test(name) &&
    callee?.kind === 'attribute' &&
    !/path\.(?:expanduser)$/.test(name)
  ) {
    const rest = given.map(inner)
    const base = inner(callee.field('object'))
    return base === undefined || rest.some((one) => one === undefined) ? undefined : [...base, ...rest.flatMap((one) => one ?? [])]
  }
  if (/(?:^|\.)(?:Path|PurePath|abspath|realpath|normpath|str|join)$/.test(name)) {
    const parts = given.map(inner)
    return parts.some((one) => one === undefined) ? undefined : parts.flatMap((one) => one ?? [])
  }
  if (/\.with_name$/.test(name) && callee?.kind === 'attribute') {
    const [base, last] = [parentOf(inner(callee.field('object'))), inner(given[0])]
    return base === undefined || last === undefined ? undefined : [...base, ...last]
  }
  if (/(?:^|\.)dirname$/.test(name)) return parentOf(inner(given[0]))
  return /(?:^|\.)(?:getcwd|cwd)$/.test(name) ? [] : undefined
}

function parentOf(parts: readonly PathPart[] | undefined): readonly PathPart[] | undefined {
  if (parts === undefined) return undefined
  // The file itself stands as one name behind its directory.
  return parts.at(-1) === 'file' && parts.at(-2) === HERE ? parts.slice(0, -1) : [...parts, '..']
}
