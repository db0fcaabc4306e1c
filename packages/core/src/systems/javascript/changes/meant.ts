import type { Value } from '../../../evidence/index.ts'
import type { Node } from '../../tree.ts'
import type { Change, Identity } from '../values/changed.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { eitherMeaning, isNothing, type Meaning, NOTHING, UNDEFINED, unknownMeaning } from '../values/meaning.ts'
import { copiedAt, overlaid } from '../values/members.ts'
import type { Candidate } from './candidates.ts'

/** A candidate in one set of calls that leads to it. */
export interface Seen {
  readonly candidate: Candidate
  readonly targets: ReadonlySet<Identity>
  /** The name that is written, where the source has an expression for it. */
  readonly key: Value | undefined
  /** No call gives it anything: its value can be asked for anew where it matters. */
  readonly free: boolean
  /** What is written, or what it is taken from; asked for when it is needed. */
  parts(): readonly Meaning[]
}

/** What a place does to a property of that name; `undefined`: nothing. */
export function changeOf(seen: Seen, name: string, evaluator: Evaluator): Change | undefined {
  const { node, object, kind } = seen.candidate
  const change = { node, operator: '=', value: undefined, steps: [] }
  const open = unknownMeaning(`\`${object.content.slice(0, 60)}\` is written here under a name that is decided when it runs`, node.origin)
  const isMeant = 'key' in kind ? says(kind.key, seen.key, name) : true
  if (isMeant === false) return undefined
  switch (kind.does) {
    case 'set':
      if (isMeant === undefined) return { ...change, gives: () => open }
      if (seen.free && kind.value !== undefined) return { ...change, operator: kind.operator, value: kind.value }
      return {
        ...change,
        operator: kind.operator,
        gives: () => seen.parts()[0] ?? unknownMeaning('it is computed when it is asked for', node.origin),
      }
    case 'delete':
      return { ...change, gives: () => (isMeant === undefined ? open : UNDEFINED) }
    case 'assign': {
      const overlay = (sources: readonly Meaning[], below: Meaning, by: Evaluator): Meaning =>
        sources.reduce<Meaning>((before, source) => overlaid(copiedAt(source, node), name, () => before, node, by), below)
      if (overlay(seen.parts(), NOTHING, evaluator) === NOTHING) return undefined
      return {
        ...change,
        gives: (before, frame, by) => {
          const sources = seen.free ? kind.sources.map((source) => by.meaning(source, frame)) : seen.parts()
          return kind.keeps === 'all' ? overlay(sources, before, by) : put(before, overlay(sources, NOTHING, by), kind.keeps, node, by)
        },
      }
    }
    case 'define':
    case 'define-all': {
      const [first] = seen.parts()
      const descriptor = kind.does === 'define' ? first : first === undefined ? undefined : evaluator.property(first, name, node)
      const given = descriptor === undefined ? NOTHING : described(descriptor, seen, evaluator)
      if (given === NOTHING) return undefined
      return { ...change, gives: () => (isMeant === undefined ? open : given) }
    }
    case 'add':
      return undefined
    default:
      return kind satisfies never
  }
}

/** Objects within objects are put together: `merge` lets the new win, `defaults` what is there. */
function put(before: Meaning, found: Meaning, keeps: 'new' | 'old', at: Node, evaluator: Evaluator): Meaning {
  const [top, below] = keeps === 'new' ? [found, before] : [before, found]
  if (top.kind === 'value' || below.kind === 'value') return isNothing(top) ? below : eitherMeaning(top, below, '??', at.origin)
  return {
    kind: 'merged',
    property: (name) => eitherMeaning(evaluator.property(top, name, at), evaluator.property(below, name, at), '??', at.origin),
  }
}

/** What a property is that a descriptor defines; `NOTHING` where it leaves the value as it is. */
function described(descriptor: Meaning, seen: Seen, evaluator: Evaluator): Meaning {
  const at = seen.candidate.node
  const getter = evaluator.property(descriptor, 'get', at)
  if (getter.kind === 'function') return evaluator.apply(getter, [], undefined)
  return getter === NOTHING ? evaluator.property(descriptor, 'value', at) : getter
}

/** Whether a written name is this one; `undefined`: it may be. */
function says(written: unknown, key: Value | undefined, name: string): boolean | undefined {
  if (typeof written === 'string') return written === name
  return key === undefined ? undefined : isText(key, name)
}

function isText(key: Value, name: string): boolean | undefined {
  switch (key.kind) {
    case 'known':
      return String(key.value) === name
    case 'choice':
      return key.options.every((option) => isText(option, name) === false) ? false : undefined
    case 'joined': {
      const [first] = key.parts
      const last = key.parts.at(-1)
      const apart =
        (first?.kind === 'known' && !name.startsWith(String(first.value))) || (last?.kind === 'known' && !name.endsWith(String(last.value)))
      return apart ? false : undefined
    }
    default:
      return undefined
  }
}
