import { joinValues, type Value } from '../../../evidence/index.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { type Meaning, valueOf } from '../values/meaning.ts'
import { directoryOf, joinPath } from '../../paths.ts'
import type { Node } from '../../tree.ts'
import { argumentsOf, bare, calleeOf, literalText } from '../source/syntax.ts'
import { known, unknown } from '../values/values.ts'

export interface PathValue {
  readonly value: Value
  /** Made from the directory of the source file, and so relative to the folder. */
  readonly inFolder: boolean
}

/** The paths that an expression names: one, or a list of them. */
export function pathsOf(node: Node, evaluator: Evaluator): readonly PathValue[] {
  const inner = bare(node)
  if (inner.kind === 'array') return inner.named.flatMap((item) => anchoredPath(bare(item), evaluator) ?? plainPaths(bare(item), evaluator))
  return [anchoredPath(inner, evaluator) ?? plainPaths(inner, evaluator)].flat()
}

function plainPaths(inner: Node, evaluator: Evaluator): readonly PathValue[] {
  const meaning: Meaning = evaluator.ask(new Map(), () => evaluator.meaning(inner, undefined)).answer
  const elements = evaluator.elements(meaning)
  if (elements !== undefined) return elements.map((element) => ({ value: valueOf(element, inner.origin), inFolder: false }))
  return [{ value: valueOf(meaning, inner.origin), inFolder: false }]
}

const DIRECTORY =
  /^(?:__dirname|import\.meta\.dirname|(?:path\.)?dirname\(\s*(?:__filename|(?:url\.)?fileURLToPath\(\s*import\.meta\.url\s*\))\s*\))$/
const WORKING_DIRECTORY = /^process\.cwd\(\)$/

/** `path.join(__dirname, '../.env')`, `new URL('../.env', import.meta.url)`, `${__dirname}/.env`. */
function anchoredPath(node: Node, evaluator: Evaluator): PathValue | undefined {
  const here = directoryOf(node.file.path)
  const parts = partsOf(node, evaluator)
  const [first] = parts
  if (first === undefined) return undefined
  const isHere = first.kind === 'directory'
  const isWorking = first.kind === 'working'
  if (!isHere && !isWorking) return undefined
  const rest = parts.slice(1).map((part): Value => {
    if (part.kind === 'text') return known(part.text, node.origin)
    if (part.kind === 'node') return evaluator.ask(new Map(), () => evaluator.value(part.node, undefined)).answer
    return unknown('the path of the file is decided when it starts', node.origin)
  })
  const slash = known('/', node.origin)
  const isPutTogether = node.kind === 'template_string' || node.kind === 'binary_expression'
  const between = isPutTogether ? rest : rest.flatMap((part) => [slash, part])
  const whole = joinValues([known(isHere ? here : '', node.origin), slash, ...between], node.origin)
  return { value: plainPath(whole), inFolder: isHere }
}

/** The same path with `.` and `..` followed, as far as it is known; one that leads out of the folder is left as it is written. */
function plainPath(path: Value): Value {
  if (path.kind === 'known') {
    const text = String(path.value)
      .replace(/\/{2,}/g, '/')
      .replace(/^\//, '')
    return { ...path, value: joinPath('', text) ?? text }
  }
  const [first, ...rest] = path.kind === 'joined' ? path.parts : []
  if (path.kind !== 'joined' || first?.kind !== 'known') return path
  const text = String(first.value)
    .replace(/\/{2,}/g, '/')
    .replace(/^\//, '')
  const name = text.lastIndexOf('/') + 1
  const directory = joinPath('', text.slice(0, name)) ?? text.slice(0, Math.max(0, name - 1))
  return joinValues([{ ...first, value: `${directory === '' ? '' : `${directory}/`}${text.slice(name)}` }, ...rest], path.origin)
}

type PathPart =
  | { readonly kind: 'directory' | 'working' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'node'; readonly node: Node }

/** Deeper than people put a path together. */
const MAX_DEPTH = 12

function partsOf(node: Node, evaluator: Evaluator, depth = 0): readonly PathPart[] {
  if (depth > MAX_DEPTH) return [{ kind: 'node', node }]
  const parts = (inner: Node): readonly PathPart[] => partsOf(bare(inner), evaluator, depth + 1)
  if (DIRECTORY.test(node.content)) return [{ kind: 'directory' }]
  if (WORKING_DIRECTORY.test(node.content)) return [{ kind: 'working' }]
  const text = literalText(node)
  if (text !== undefined) return [{ kind: 'text', text }]
  if (node.kind === 'identifier') {
    const module = evaluator.moduleOf(node)
    const declaration = module?.lookup(node.content, node)
    const isPlain = declaration?.kind === 'variable' && declaration.steps.length === 0 && module?.writes(declaration).length === 0
    if (isPlain && declaration.value !== undefined) return parts(declaration.value)
  }
  const given = argumentsOf(node)
  if (node.kind === 'call_expression' && /^(?:\w+\.)?(?:join|resolve)$/.test(calleeOf(node)?.content ?? '')) return given.flatMap(parts)
  if (node.kind === 'call_expression' && /(?:^|\.)fileURLToPath$/.test(calleeOf(node)?.content ?? '') && given[0] !== undefined)
    return parts(given[0])
  if (node.kind === 'new_expression' && calleeOf(node)?.content === 'URL' && given[1]?.content === 'import.meta.url')
    return [{ kind: 'directory' }, { kind: 'text', text: literalText(given[0]) ?? '' }]
  if (node.kind === 'template_string')
    return anchored(
      node.named.flatMap((part) =>
        part.kind === 'template_substitution' ? parts(part.named[0] ?? part) : [{ kind: 'text', text: part.content } as const],
      ),
      node,
    )
  if (node.kind === 'binary_expression' && node.field('operator')?.content === '+')
    return anchored(
      [node.field('left'), node.field('right')].flatMap((side) => (side === undefined ? [] : parts(side))),
      node,
    )
  return [{ kind: 'node', node }]
}

/** A text that does not begin with a directory is one part, however it is put together. */
const anchored = (parts: readonly PathPart[], node: Node): readonly PathPart[] =>
  parts[0]?.kind === 'directory' || parts[0]?.kind === 'working' ? parts : [{ kind: 'node', node }]
