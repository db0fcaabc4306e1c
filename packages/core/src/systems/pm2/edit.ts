import { type ArgumentChange, Text, type VariableChange } from '../../evidence/index.ts'
import type { Editable, Edited, Editor } from '../edit.ts'
import { argumentEditor } from '../programs/edit.ts'
import { hostWords } from '../programs/host-option.ts'
import type { SyntaxNode, Tools } from '../system.ts'
import { entriesOf, readYaml, type Tree } from '../yaml.ts'

const refused = (why: string): Edited => ({ kind: 'refused', why })

/** `env` of an app, in a program, in JSON and in YAML; what is in it stays. */
export const pm2Editor: Editor = {
  edit(change, files, tools) {
    if (change.change === 'argument') return argumentOf(change, files, tools)
    if (change.change !== 'variable') return refused('only a variable can be set there')
    const state = files.file(change.at.path)
    if (state.kind !== 'text') return refused(`${change.at.path} cannot be read`)
    return /\.ya?ml$/.test(change.at.path) ? inYaml(change, state.text) : inCode(change, state.text, tools)
  },
}

/** `args` as one text of a program (`'start -p 3000'`): the option stands in it. */
function argumentOf(change: ArgumentChange, files: Editable, tools: Tools): Edited {
  const { path, span } = change.at
  const state = files.file(path)
  const written = state.kind === 'text' ? state.text.slice(span.start.offset, span.end.offset) : ''
  const words = hostWords(change.program, change.host)
  const isText =
    /^(["'])[^\\]*\1$/.test(written) &&
    state.kind === 'text' &&
    /:\s*$/.test(state.text.slice(Math.max(0, span.start.offset - 40), span.start.offset))
  if (!isText || words === undefined) return argumentEditor.edit(change, files, tools)
  const at = span.end.offset - 1
  return { kind: 'edits', edits: [{ path, start: at, end: at, text: ` ${words.join(' ')}` }], notes: [] }
}

function inserted({ at: { path } }: VariableChange, at: number, text: string): Edited {
  return { kind: 'edits', edits: [{ path, start: at, end: at, text }], notes: [] }
}

function inCode(change: VariableChange, text: string, tools: Tools): Edited {
  const isJson = /\.json5?$/.test(change.at.path)
  // An object alone is no program.
  const shift = isJson ? 1 : 0
  const root = tools.parseSource('javascript', isJson ? `(${text}\n)` : text)
  const app = root === undefined ? undefined : objectAt(root, change.at.span.start.offset + shift, change.at.span.end.offset + shift)
  if (app === undefined) return refused('the app is no object that is written there')
  const written = (node: SyntaxNode): readonly [number, number] => [node.range().start.index - shift, node.range().end.index - shift]
  const members = app.children().filter((child) => child.isNamed() && child.kind() !== 'comment')
  const [last] = members.toReversed()
  const env = members.find((member) => member.kind() === 'pair' && plainKey(member) === 'env')
  const style = styleOf(members[0], text, isJson)
  const variable = `${style.key(change.name)}: ${style.text(change.value)}`
  if (env !== undefined) {
    const object = env.field('value')
    if (object?.kind() !== 'object') return refused('the variables of the app are not written there')
    const first = object.children().find((child) => child.isNamed() && child.kind() !== 'comment')
    const [start, end] = written(object)
    if (first === undefined) return inserted(change, end - 1, ` ${variable} `)
    const [at] = written(first)
    const between = text.slice(start + 1, at)
    // Each on a line of its own, as the first is; what stands before it may be a comment on it.
    return inserted(change, at, `${variable},${/[\r\n]/.test(between) ? between.slice(between.search(/[\r\n]+[^\r\n]*$/)) : ' '}`)
  }
  if (last === undefined || members.some((member) => member.kind() !== 'pair'))
    return refused('the app takes some of its settings from elsewhere')
  const [, end] = written(last)
  const indent = /[\r\n]+[ \t]*$/.exec(text.slice(0, written(last)[0]))?.[0] ?? ' '
  return inserted(change, end, `,${indent}${style.key('env')}: { ${variable} }`)
}

/** The object that is written from `start` to `end`. */
function objectAt(root: SyntaxNode, start: number, end: number): SyntaxNode | undefined {
  const waiting = [root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const range = node.range()
    if (range.start.index > start || range.end.index < end) continue
    if (node.kind() === 'object' && range.start.index === start && range.end.index === end) return node
    waiting.push(...node.children())
  }
  return undefined
}

function plainKey(pair: SyntaxNode): string {
  return (pair.field('key')?.text() ?? '').replace(/^(["'])(.*)\1$/, '$2')
}

interface Style {
  key(name: string): string
  text(value: string): string
}

function styleOf(pair: SyntaxNode | undefined, text: string, isJson: boolean): Style {
  const key = pair?.field('key')?.text() ?? ''
  const own = /^["']/.exec(key)?.[0]
  const value = /^["']/.exec(pair?.field('value')?.text() ?? '')?.[0]
  const common = (text.match(/"/g)?.length ?? 0) > (text.match(/'/g)?.length ?? 0) ? '"' : "'"
  const quote = isJson ? '"' : (value ?? own ?? common)
  return {
    key: (name) => (isJson || own !== undefined ? `${own ?? '"'}${name}${own ?? '"'}` : name),
    text: (content) => `${quote}${content}${quote}`,
  }
}

function inYaml(change: VariableChange, content: string): Edited {
  const text = new Text(change.at.path, content)
  const app = readYaml(text).documents.flatMap((tree) => mappingAt(tree, change.at.span.start.offset, 0) ?? [])[0]
  const env = app === undefined ? undefined : entriesOf(app).get('env')?.value
  const first = env === undefined ? undefined : [...entriesOf(env).values()][0]?.key.start
  if (env === undefined || first === undefined || content[env.start] === '{')
    return refused('the app has no variables in lines of their own')
  const lineStart = text.position(first).column - 1
  const ending = content.includes('\r\n') ? '\r\n' : '\n'
  return inserted(change, first, `${change.name}: ${change.value}${ending}${' '.repeat(lineStart)}`)
}

function mappingAt(tree: Tree, start: number, depth: number): Tree | undefined {
  if (depth > DEEPEST) return undefined
  if (tree.kind === 'mapping' && tree.start === start) return tree
  const inner = tree.kind === 'list' ? tree.items : [...entriesOf(tree).values()].map(({ value }) => value)
  return inner.flatMap((each) => mappingAt(each, start, depth + 1) ?? [])[0]
}

/** Apps stand in a list that stands in the file. */
const DEEPEST = 4
