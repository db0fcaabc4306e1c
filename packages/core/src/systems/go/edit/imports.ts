import type { Draft } from '../../source-edit/draft.ts'
import { lineEnd, newlineOf } from '../../source-edit/layout.ts'
import type { Node } from '../../tree.ts'
import type { GoFile } from '../file.ts'
import { literalText } from '../syntax.ts'

/** The packages of the standard library that an edit uses; those that a file does not import are imported. */
export class Imports {
  readonly #file: GoFile
  readonly #missing = new Set<string>()

  constructor(file: GoFile) {
    this.#file = file
  }

  /** What the file calls a package. `undefined`: its name means something else here. */
  use(path: string): string | undefined {
    const { imports, declared } = this.#file
    for (const [name, imported] of imports) if (imported === path && !name.startsWith('.') && name !== '_') return name
    if (imports.has(path) || declared.has(path)) return undefined
    const isHidden = this.#file
      .occurrences(path)
      .some(({ parent }) => parent?.kind !== 'selector_expression' && parent?.kind !== 'qualified_type')
    if (isHidden) return undefined
    this.#missing.add(path)
    return path
  }

  /** Adds the imports in the order that gofmt keeps (within a block, by path). */
  add(draft: Draft): void {
    if (this.#missing.size === 0) return
    const { root, file } = this.#file
    const newline = newlineOf(file.content)
    const declarations = root.named.filter(({ kind }) => kind === 'import_declaration')
    const group = declarations.map(listOf).find((list) => list !== undefined)
    const [single] = declarations
    const wanted = [...this.#missing].toSorted(byBytes)
    if (group !== undefined) return intoGroup(group, wanted, newline, draft)
    if (single !== undefined) return regroup(declarations, wanted, newline, draft)
    const clause = root.named.find(({ kind }) => kind === 'package_clause')
    if (clause === undefined) return draft.refuse('the file has no package clause')
    draft.insert(root, lineEnd(file.content, clause.end), `${newline}${newline}${block(wanted.map(quoted), newline)}`)
  }
}

const quoted = (path: string): string => `"${path}"`

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const listOf = (declaration: Node): Node | undefined => declaration.named.find(({ kind }) => kind === 'import_spec_list')

const pathOf = (spec: Node): string => literalText(spec.field('path') ?? spec.named.at(-1)) ?? ''

function block(specs: readonly string[], newline: string): string {
  const [only] = specs
  if (only !== undefined && specs.length === 1) return `import ${only}`
  return `import (${newline}${specs.map((spec) => `\t${spec}${newline}`).join('')})`
}

/** An import that stands alone becomes a group; of several, the added ones stand before them. */
function regroup(declarations: readonly Node[], wanted: readonly string[], newline: string, draft: Draft): void {
  const [first, another] = declarations
  const spec = first?.named.find(({ kind }) => kind === 'import_spec')
  if (first === undefined || spec === undefined) return
  // What cgo is told stands in a comment right above its import.
  if (another !== undefined || pathOf(spec) === 'C')
    return draft.insert(first, first.start, `${block(wanted.map(quoted), newline)}${newline}`)
  const own = { path: pathOf(spec), text: spec.content }
  const added = wanted.map((path) => ({ path, text: quoted(path) }))
  if (isStandard(spec)) {
    const all = [own, ...added].toSorted((a, b) => byBytes(a.path, b.path))
    draft.replace(
      first,
      block(
        all.map(({ text }) => text),
        newline,
      ),
    )
  } else
    draft.replace(
      first,
      block([...added.map(({ text }) => text), '', own.text], newline).replace(`${newline}\t${newline}`, newline + newline),
    )
}

/** Paths of the standard library have no host name before the first slash. */
const isStandard = (spec: Node): boolean => pathOf(spec).split('/')[0]?.includes('.') === false

/** Into the block of the group that holds the standard library; a block of its own before the others where there is none. */
function intoGroup(list: Node, wanted: readonly string[], newline: string, draft: Draft): void {
  const { content } = list.file
  const specs = list.named.filter(({ kind }) => kind === 'import_spec')
  const standard = specs.filter(isStandard)
  const [head] = standard
  const first = specs[0]
  if (first === undefined)
    return draft.insert(list, list.start + 1, `${newline}${wanted.map((path) => `\t${quoted(path)}${newline}`).join('')}`)
  if (head === undefined)
    return draft.insert(list, first.start, `${wanted.map((path) => `${quoted(path)}${newline}\t`).join('')}`.replace(/\t$/, `${newline}\t`))
  const run: Node[] = [head]
  for (const spec of specs.slice(specs.indexOf(head) + 1)) {
    if (/\n[ \t\r]*\n/.test(content.slice(run.at(-1)?.end ?? 0, spec.start))) break
    run.push(spec)
  }
  for (const path of wanted) {
    const next = run.find((spec) => byBytes(pathOf(spec), path) > 0)
    if (next === undefined) {
      const last = run.at(-1) ?? head
      draft.insert(list, lineEnd(content, last.end), `${newline}\t${quoted(path)}`)
    } else draft.insert(list, next.start, `${quoted(path)}${newline}\t`)
  }
}
