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
  'do_statement',
  'try_statement',
  'switch_statement',
  'statement_block',
  'function_declaration',
  'class_declaration',
  'lexical_declaration',
  'variable_declaration',
])
const DECLARATIONS: ReadonlySet<string> = new Set(['lexical_declaration', 'variable_declaration'])
const LOOPS: ReadonlySet<string> = new Set(['for_statement', 'for_in_statement', 'while_statement', 'do_statement'])

/** A statement's text that is searched, in UTF-16 code units. */
const SEARCHED = 4_000
/** Names that lead from the configuration to what it is made of. */
const MAX_NAMES = 2_000

const WORD = /(?<![.\w$])[A-Za-z_$][\w$]*/g

/** `name.part = …`, `name.push(…)`. */
const WRITTEN =
  /(?<![.\w$])([A-Za-z_$][\w$]*)((?:\.[\w$]+|\[[^\]\n]{0,80}\]){0,8})\s{0,4}((?:\|\||\?\?|\+)?=(?![=>])|\.(?:push|unshift|splice|pop|shift|sort|reverse|fill|set|forEach)\s?\()/g
/** `delete name.part`, `Object.assign(name, …)`, `Reflect.set(name, …)`. */
const HANDED =
  /\b(?:delete\s|(?:Object\s?\.\s?(?:assign|defineProperty|defineProperties|setPrototypeOf)|Reflect\s?\.\s?\w+|_\s?\.\s?\w+)\s?\()\s{0,4}([A-Za-z_$][\w$]*)/g
/** A property of something is written, whatever it is. */
const MEMBER_WRITTEN = /[.\]]\s?[\w$]*\s{0,4}=(?![=>])/
/** Calls that change nothing of what they are given. */
const HARMLESS =
  /^\s*(?:console\s?\.|require\s?\(|import\s?\(|process\s?\.\s?(?:on|once|chdir)\b|(?:await\s)?[\w$]{0,40}\s?\.?\s?config\s?\()/

/** Variables of PM2 itself, which every program inherits, that may say where to listen. */
const INHERITED =
  /\b(?:delete\s+)?process\s?\.\s?env(?:\s?\.\s?([\w$]+)|\s?\[\s?['"]([\w$]+)['"]\s?\]|\s?\[[^\]\n]{0,80}\])?\s{0,4}(?:(?:\|\||\?\?)?=(?![=>]))|\b(?:Object\s?\.\s?\w+|Reflect\s?\.\s?\w+)\s?\(\s?process\s?\.\s?env\b/g
const TELLING = /host|bind|addr|listen|interface|(?:^|_)ip(?:_|$)/i

/** Statements that change a value after its declaration: what they do is not followed, so it is said. */
export function changes(source: Source): readonly Missing[] {
  const used = usedNames(source)
  return source.root.children().flatMap((statement) => {
    const kind = statement.kind()
    if (kind !== 'expression_statement' && !BLOCKS.has(kind)) return []
    const text = statement.text().slice(0, SEARCHED)
    const name = kind === 'expression_statement' ? changedByExpression(text, used) : changedInside(text, kind, used)
    const what = name ?? (inherits(text) ? 'process.env' : undefined)
    return what === undefined
      ? []
      : [{ reason: `this changes \`${what}\` in a way that is not followed`, origin: placeOf(source, statement) }]
  })
}

/** The declarations that the configuration is made of, and those that they are made of in turn. */
function usedNames(source: Source): ReadonlySet<string> {
  const used = new Set<string>()
  const aliases = aliasesIn(source)
  const seen = new Set<number>()
  const add = (node: SyntaxNode): void => {
    const { index } = node.range().start
    if (seen.has(index)) return
    seen.add(index)
    const text = node.text()
    for (const [word] of text.matchAll(WORD)) if (used.size < MAX_NAMES && source.declarations.has(word)) used.add(word)
  }
  for (const statement of source.root.children()) {
    if (statement.kind() === 'export_statement' || EXPORTED.test(statement.text().slice(0, 200))) add(statement)
  }
  for (const name of used) {
    for (const other of aliases.get(name) ?? []) used.add(other)
    const declaration = source.declarations.get(name)
    if (declaration?.kind === 'property') add(declaration.of)
    else if (declaration !== undefined && declaration.kind !== 'import') add(declaration.node)
  }
  return used
}

/** `const other = name`, `const { part } = name`: by what other names each is changed. */
function aliasesIn(source: Source): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const [other, declaration] of source.declarations) {
    const from = declaration.kind === 'value' ? declaration.node : declaration.kind === 'property' ? declaration.of : undefined
    if (from === undefined || !ALIASES.has(from.kind())) continue
    const name =
      from
        .text()
        .slice(0, 200)
        .split(/[^\w$]/)[0] ?? ''
    const known = found.get(name)
    if (known === undefined) found.set(name, [other])
    else known.push(other)
  }
  return found
}

const ALIASES: ReadonlySet<string> = new Set(['identifier', 'member_expression', 'subscript_expression'])

const EXPORTED = /^(?:module\s?\.\s?)?exports\b/

function changedByExpression(text: string, used: ReadonlySet<string>): string | undefined {
  const [written] = text.matchAll(WRITTEN)
  const [, name = '', path = '', how = ''] = written ?? []
  // What a name or `module.exports` is given where that stands alone is followed.
  const isWhole = written?.index === 0 && how === '='
  if (isWhole && (name === 'module' || name === 'exports') && /^(?:\.exports)?(?:\.[\w$]+)?$/.test(path)) return undefined
  if (isWhole && path === '') return undefined
  if (EXPORTED.test(text)) return name === '' ? 'module' : name
  return HARMLESS.test(text) ? undefined : [...text.matchAll(WORD)].map(([word]) => word).find((word) => used.has(word))
}

function changedInside(text: string, kind: string, used: ReadonlySet<string>): string | undefined {
  const isUsed = (name: string): boolean => used.has(name) || name === 'module' || name === 'exports'
  for (const [, name = '', path = '', how = ''] of text.matchAll(WRITTEN)) {
    // `const name = …` itself.
    if (isUsed(name) && !(DECLARATIONS.has(kind) && path === '' && how === '=')) return name
  }
  for (const [, name = ''] of text.matchAll(HANDED)) if (isUsed(name) && !DECLARATIONS.has(kind)) return name
  if (!LOOPS.has(kind) || !MEMBER_WRITTEN.test(text)) return undefined
  return [...text.matchAll(WORD)].map(([word]) => word).find((word) => used.has(word))
}

const inherits = (text: string): boolean =>
  [...text.matchAll(INHERITED)].some(([, plain, quoted]) => TELLING.test(plain ?? quoted ?? 'host'))

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
