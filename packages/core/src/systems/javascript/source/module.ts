import type { Text } from '../../../evidence/index.ts'
import { type Declaration, declarationAt, type Write } from './declarations.ts'
import { type Node, nodeAt } from '../../tree.ts'
import { calleeOf, dressed } from './syntax.ts'

/** How many times a name may occur in one file before it is no longer followed: minified code uses `e` thousands of times. */
const MAX_OCCURRENCES = 3_000
const MAX_SHORT_OCCURRENCES = 250

const NAME_KINDS: ReadonlySet<string> = new Set([
  'identifier',
  'property_identifier',
  'private_property_identifier',
  'shorthand_property_identifier',
  'shorthand_property_identifier_pattern',
  'type_identifier',
])

const WORD = /[\w$#\u00a1-\uffff]/

interface Names {
  readonly declarations: readonly Declaration[]
  readonly writes: readonly Write[]
}

/** A parsed file, asked by name: the text is searched first and the tree is opened only at what was found. */
export class Module {
  readonly file: Text
  readonly root: Node
  readonly #occurrences = new Map<string, readonly Node[]>()
  readonly #names = new Map<string, Names>()
  readonly #common = new Set<string>()
  readonly #calls = new Map<string, readonly Node[]>()

  constructor(file: Text, root: Node) {
    this.file = file
    this.root = root
  }

  get path(): string {
    return this.file.path
  }

  /** Offsets at which `word` stands as a whole word, in code or not; none where there are too many. */
  offsets(word: string): readonly number[] {
    const { content } = this.file
    const most = word.length > 2 ? MAX_OCCURRENCES : MAX_SHORT_OCCURRENCES
    const found: number[] = []
    // The parser puts in a name of no length where one is missing.
    if (word === '') return found
    for (let at = content.indexOf(word); at >= 0; at = content.indexOf(word, at + word.length)) {
      if ((at > 0 && WORD.test(content.charAt(at - 1))) || WORD.test(content.charAt(at + word.length))) continue
      if (found.push(at) > most) {
        this.#common.add(word)
        return []
      }
    }
    return found
  }

  /** Whether a name occurs so often that it is not followed. */
  isTooCommon(name: string): boolean {
    return this.#common.has(name)
  }

  /** Every place where `name` stands as a name: not in comments, strings or text. */
  occurrences(name: string): readonly Node[] {
    let found = this.#occurrences.get(name)
    if (found === undefined) {
      found = this.offsets(name).flatMap((at) => {
        const node = nodeAt(this.root, at)
        return node !== undefined && NAME_KINDS.has(node.kind) && node.start === at && node.end === at + name.length ? [node] : []
      })
      this.#occurrences.set(name, found)
    }
    return found
  }

  /** The calls and `new`s whose callee is this name, `object.name` or `super`. */
  calls(name: string): readonly Node[] {
    let found = this.#calls.get(name)
    if (found === undefined) {
      found = this.offsets(name).flatMap((at) => {
        if (!mayBeCalled(this.file.content, at, at + name.length)) return []
        const node = nodeAt(this.root, at)
        return (node !== undefined && (node.kind === name || NAME_KINDS.has(node.kind)) ? callOf(node) : undefined) ?? []
      })
      this.#calls.set(name, found)
    }
    return found
  }

  #named(name: string): Names {
    let names = this.#names.get(name)
    if (names === undefined) {
      const declarations: Declaration[] = []
      const writes: Write[] = []
      for (const node of this.occurrences(name)) {
        if (
          node.kind === 'property_identifier' ||
          node.kind === 'private_property_identifier' ||
          node.kind === 'shorthand_property_identifier'
        )
          continue
        const found = declarationAt(node)
        if (found === undefined) continue
        if ('operator' in found) writes.push(found)
        else declarations.push(found)
      }
      names = { declarations, writes }
      this.#names.set(name, names)
    }
    return names
  }

  declarations(name: string): readonly Declaration[] {
    return this.#named(name).declarations
  }

  /** What the name means at `at`: the declaration of the innermost scope around it; of several in one scope, the one that gives it a value. */
  lookup(name: string, at: Node): Declaration | undefined {
    let best: Declaration | undefined
    for (const declaration of this.declarations(name)) {
      if (!at.within(declaration.scope)) continue
      if (best === undefined || declaration.scope !== best.scope) {
        if (best === undefined || declaration.scope.within(best.scope)) best = declaration
      } else if (
        best.kind === 'type' ||
        (best.node.kind === 'function_signature' && declaration.kind === 'function') ||
        (best.kind === 'variable' && best.value === undefined)
      )
        best = declaration
    }
    return best
  }

  /** The places that change the variable of this declaration; `var` said again is one. */
  writes(declaration: Declaration): readonly Write[] {
    const { declarations, writes } = this.#named(declaration.name)
    const again = declarations.flatMap((other) =>
      other !== declaration && other.scope === declaration.scope && other.kind === 'variable' && other.value !== undefined
        ? [{ ...other, operator: '=' }]
        : [],
    )
    return [...again, ...writes.filter((write) => this.lookup(declaration.name, write.node) === declaration)]
  }

  /** The places that write a property of that name, where the object is the one meant. */
  memberWrites(name: string, isObject: (object: Node) => boolean): readonly Write[] {
    return this.occurrences(name).flatMap((property): Write[] => {
      const member = property.parent
      const assignment = member?.parent
      if (member?.kind !== 'member_expression' || !property.isField('property') || !member.isField('left') || assignment === undefined)
        return []
      const object = member.field('object')
      if (object === undefined || !isObject(object)) return []
      const plain = assignment.kind === 'assignment_expression'
      if (!plain && assignment.kind !== 'augmented_assignment_expression') return []
      return [
        {
          node: assignment,
          operator: plain ? '=' : (assignment.field('operator')?.content ?? ''),
          value: assignment.field('right'),
          steps: [],
        },
      ]
    })
  }
}

/** Whether the text around a name lets it be what is called: arguments follow, or `new` stands before. */
function mayBeCalled(content: string, start: number, end: number): boolean {
  AFTER_CALLEE.lastIndex = end
  return AFTER_CALLEE.test(content) || /\bnew\s+[\w$.]*$/.test(content.slice(Math.max(0, start - 80), start))
}

/** Type arguments, `?.`, `!`, casts and closing parentheses may stand between a callee and its arguments. */
const AFTER_CALLEE = /\s*(?:(?:\?\.|!|\/[/*])\s*)*(?:[(<)`]|as\b|satisfies\b)/y

/** The call or `new` that has this name as its callee or as the last part of it. */
export function callOf(name: Node): Node | undefined {
  const callee = dressed(name.parent?.kind === 'member_expression' && name.isField('property') ? name.parent : name)
  const call = callee.parent
  if (call?.kind !== 'call_expression' && call?.kind !== 'new_expression') return undefined
  return calleeOf(call) === callee ? call : undefined
}

/** The call of what an expression gives. */
export function callOfExpression(expression: Node): readonly Node[] {
  const outer = dressed(expression)
  return outer.parent?.kind === 'call_expression' && calleeOf(outer.parent) === outer ? [outer.parent] : []
}
