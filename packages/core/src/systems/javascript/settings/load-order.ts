import { textField } from '../../json.ts'
import { around, type Node, nodeAt } from '../../tree.ts'
import { nearest } from '../source/configuration.ts'
import { mentionsIn } from '../source/imports.ts'
import type { Module } from '../source/module.ts'
import type { Project } from '../source/project.ts'
import { FUNCTIONS } from '../source/syntax.ts'

/** Files that are looked at. */
const MOST = 300

/**
 * The files that have read their variables by the time that `load` puts more of them into the environment: those that are imported before.
 * Modules of the language are all run before the file that imports them (ECMA-262, 16.2.1.5.3 Evaluate); `require`, and imports that are
 * compiled to it, in their order. Only files of which all reads are made as they are run.
 */
export function readBefore(module: Module, load: Node, project: Project): readonly string[] {
  const isImport = load.kind === 'import_statement'
  const hoisted = !isImport && isLanguageModule(module.path, project)
  const found = new Set<string>()
  for (const { specifier, offset } of mentionsIn(module.file, (at) => project.isCode(module.path, at))) {
    const literal = nodeAt(module.root, offset)
    if (literal === undefined || around(literal, FUNCTIONS) !== undefined) continue
    const isStatic = around(literal, STATEMENTS) !== undefined
    if (!(hoisted && isStatic) && offset > load.start) continue
    const target = project.resolve(module.path, specifier)
    if (target.kind === 'file' && target.path !== module.path) found.add(target.path)
  }
  for (const path of found) {
    if (found.size > MOST) return []
    for (const inner of project.graph.imports(path)) if (inner !== module.path) found.add(inner)
  }
  return [...found].filter((path) => readsAsItRuns(path, project)).toSorted()
}

/** Where the file itself has read variables by then: above `load`, as it is run. */
export function readAbove(module: Module, load: Node): readonly number[] {
  if (load.kind === 'import_statement' || around(load, FUNCTIONS) !== undefined) return []
  return readsOf(module).flatMap((node) => (node.start < load.start && isRunAtOnce(node) ? [node.start] : []))
}

const STATEMENTS: ReadonlySet<string> = new Set(['import_statement', 'export_statement'])

/** Whether Node runs a file as a module of the language (nodejs.org/api/packages.html, Determining module system). */
function isLanguageModule(path: string, { configuration }: Project): boolean {
  if (/\.m[jt]s$/.test(path)) return true
  if (/\.c[jt]s$/.test(path)) return false
  const manifest = nearest(configuration.manifests, path)
  return manifest !== undefined && textField(manifest, 'type') === 'module'
}

const READS = /\bprocess\s{0,5}\.\s{0,5}env\b/g

function readsAsItRuns(path: string, project: Project): boolean {
  const content = project.text(path)?.content ?? ''
  if (content.search(READS) < 0) return false
  const module = project.module(path)
  const nodes = module === undefined ? [] : readsOf(module)
  return nodes.length > 0 && nodes.every(isRunAtOnce)
}

/** The names `process` by which a file reads its variables; none where there are too many to look at. */
function readsOf(module: Module): readonly Node[] {
  const places = [...module.file.content.matchAll(READS)]
  if (places.length > MOST) return []
  return places
    .flatMap((match) => nodeAt(module.root, match.index) ?? [])
    .filter((node) => node.kind !== 'comment' && !node.kind.startsWith('string'))
}

const FIELDS: ReadonlySet<string> = new Set(['field_definition', 'public_field_definition'])

/** Not when a function is called, or an object made. */
function isRunAtOnce(node: Node): boolean {
  if (around(node, FUNCTIONS) !== undefined) return false
  const field = around(node, FIELDS)
  return field === undefined || field.children.some((child) => child.kind === 'static')
}
