import type { FileOrigin, MissingImport } from '../../../evidence/index.ts'
import { nodeAt } from '../../tree.ts'
import type { MissingTarget, Project } from './project.ts'
import { SOURCE_EXTENSION } from './source-files.ts'
import { isTestCode } from './test-code.ts'

/** Files that are not there and are told one by one; who imports one of the rest is told with one of them. */
const MOST = 100

/** What is there under another name than the import's: declarations of types, and what is no program of the folder's. */
const BESIDE = ['.d.ts', '/index.d.ts', '.node', '.vue', '.svelte', '.css']

/** The programs of the folder that are imported and are not there, each with who imports it. */
export function missingImports(project: Project): readonly { readonly claim: MissingImport; readonly origin: FileOrigin }[] {
  const { paths } = project.snapshot
  const found = new Map<string, MissingTarget[]>()
  for (const target of project.missing) {
    const { path, file } = target
    if (!mayBeProgram(path, paths) || isTestCode(file.path, file.content)) continue
    const key = found.has(path) || found.size < MOST ? path : ''
    const known = found.get(key)
    if (known === undefined) found.set(key, [target])
    else known.push(target)
  }
  return [...found.values()].flatMap((targets) => {
    const forEffect = targets.find((target) => isForEffect(target, project))
    const shown = forEffect ?? targets[0]
    if (shown === undefined) return []
    const { path, file, offset } = shown
    const entries = project.graph.entries(...new Set(targets.map((target) => target.file.path)))
    const origin = file.origin(offset - 1, file.content.indexOf(file.content.charAt(offset - 1), offset) + 1)
    return [{ claim: { claim: 'missing-import', path, isForEffect: forEffect !== undefined, entries }, origin }]
  })
}

function mayBeProgram(path: string, paths: ReadonlySet<string>): boolean {
  const isNamedOtherwise = /\.\w+(?:\?.*)?$/.test(path) && !SOURCE_EXTENSION.test(path)
  return !paths.has(path) && !isNamedOtherwise && !BESIDE.some((ending) => paths.has(path.replace(SOURCE_EXTENSION, '') + ending))
}

/** `import './env'`, `require('./env')` or `await import('./env')` as a statement: nothing is taken from it. */
function isForEffect({ file, offset }: MissingTarget, project: Project): boolean {
  const module = project.module(file.path)
  const within = module === undefined ? undefined : nodeAt(module.root, offset)
  const statement = (within?.kind === 'string_fragment' ? within.parent : within)?.parent
  if (statement === undefined) return true
  if (statement.kind !== 'arguments')
    return statement.kind === 'import_statement' && !statement.named.some(({ kind }) => kind === 'import_clause')
  const outside = statement.parent?.parent
  return (outside?.kind === 'await_expression' ? outside.parent : outside)?.kind === 'expression_statement'
}
