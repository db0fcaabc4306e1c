import type { SyntaxNode } from '../system.ts'
import type { Missing } from './datum.ts'
import type { Evaluator, Frame } from './evaluate.ts'
import { placeOf, type Source } from './source.ts'

/** Statements that are looked into for a change of something that the configuration uses. */
const BLOCKS: ReadonlySet<string> = new Set([
  'if_statement',
  'for_statement',
  'for_in_statement',
  'while_statement',
  'try_statement',
  'switch_statement',
])
/** A statement's text that is searched, in UTF-16 code units. */
const SEARCHED = 4_000

/** Statements that change a value after its declaration: what they do is not followed, so it is said. */
export function changes(source: Source): readonly Missing[] {
  const names = [...source.declarations]
    .filter(
      ([, declaration]) => declaration.kind === 'value' && /^(?:object|array|call_expression|identifier)$/.test(declaration.node.kind()),
    )
    .map(([name]) => name)
  const changed =
    /(?<![.\w$])([A-Za-z_$][\w$]*)((?:\.[\w$]+|\[[^\]\n]{0,80}\]){0,8})\s{0,4}(=(?![=>])|\.(?:push|unshift|splice|forEach)\s?\()/g
  return source.root.children().flatMap((statement) => {
    if (statement.kind() !== 'expression_statement' && !BLOCKS.has(statement.kind())) return []
    const text = statement.text().slice(0, SEARCHED)
    for (const [, name = '', path = '', how = ''] of text.matchAll(changed)) {
      if (name === 'module' || name === 'exports') {
        // `module.exports = …` is followed where it stands alone.
        const own = statement.kind() === 'expression_statement' && how === '=' && /^(?:\.exports)?(?:\.[\w$]+)?$/.test(path)
        if (own) continue
      } else if (!names.includes(name) || (statement.kind() === 'expression_statement' && path === '' && how === '=')) continue
      return [{ reason: `this changes \`${name}\` in a way that is not followed`, origin: placeOf(source, statement) }]
    }
    return []
  })
}

/** Follows every call of dotenv, wherever it stands at the top of the file. */
export function loadEnvironments(source: Source, evaluator: Evaluator): void {
  if (!source.text.content.includes('dotenv')) return
  const frame: Frame = { source, parameters: new Map() }
  const visit = (node: SyntaxNode, depth: number): void => {
    if (depth > 5) return
    if (node.kind() === 'call_expression' && /\.config\s?$/.test(node.field('function')?.text().slice(0, 80) ?? ''))
      evaluator.evaluate(node, frame)
    else if (
      (node.kind() === 'import_statement' || node.kind() === 'call_expression') &&
      /['"]dotenv\/config['"]/.test(node.text().slice(0, 80))
    )
      evaluator.loadsDefault(source)
    else for (const child of node.children()) visit(child, depth + 1)
  }
  for (const statement of source.root.children()) {
    if (
      /^(?:lexical_declaration|variable_declaration|expression_statement|import_statement)$/.test(statement.kind()) &&
      statement.text().length < SEARCHED
    )
      visit(statement, 0)
  }
}
