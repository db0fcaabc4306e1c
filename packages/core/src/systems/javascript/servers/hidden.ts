import { type Node, nodeAt } from '../../tree.ts'
import { METHODS } from '../frameworks/index.ts'
import type { Module } from '../source/module.ts'
import { argumentsOf, calleeOf, unescape } from '../source/syntax.ts'
import type { Evaluator } from '../values/evaluator.ts'
import type { FoundGap } from '../../source-gaps.ts'

/** Functions that run a text as a program: JavaScript's own and those of `node:vm`. */
const RUNNERS: ReadonlySet<string> = new Set([
  'eval',
  'Function',
  'runInContext',
  'runInNewContext',
  'runInThisContext',
  'compileFunction',
  'Script',
  'SourceTextModule',
])
const RUNS = new RegExp(`\\b(${[...RUNNERS].join('|')})\\s{0,20}\\(`, 'g')

/** In the text that is run: a server that is made to listen. */
const LISTENS = /\blisten\b|\bserve\s*\(/

// From the beginning of a word, so that a long one is gone through once.
const ESCAPED = /(?<![\w$])[\w$]{0,40}\\u(?:[0-9a-fA-F]{4}|\{[0-9a-fA-F]{1,6}\})(?:[\w$]|\\u(?:[0-9a-fA-F]{4}|\{[0-9a-fA-F]{1,6}\})){0,40}/g

export const mayHide = (content: string): boolean =>
  (content.includes('\\u') && content.search(ESCAPED) >= 0) || (LISTENS.test(content) && content.search(RUNS) >= 0)

/** Calls that make something listen in ways that are not followed: in a text that is run, by a name that is written with escapes. */
export function hiddenCalls(module: Module, evaluator: Evaluator): readonly FoundGap[] {
  return [...runTexts(module, evaluator), ...escapedNames(module)]
}

function runTexts(module: Module, evaluator: Evaluator): readonly FoundGap[] {
  return [...module.file.content.matchAll(RUNS)].flatMap((match) => {
    const call = callAt(nodeAt(module.root, match.index))
    if (call === undefined) return []
    const listens = argumentsOf(call).some((argument) => {
      const value = evaluator.ask(new Map(), () => evaluator.value(argument, undefined)).answer
      return LISTENS.test(value.kind === 'known' ? String(value.value) : argument.kind.includes('string') ? argument.content : '')
    })
    return listens ? [gap('a text that is run as a program makes a server listen: it is not followed', call, module)] : []
  })
}

function callAt(word: Node | undefined): Node | undefined {
  const callee = word?.parent?.kind === 'member_expression' ? word.parent : word
  const call = callee?.parent
  return call !== undefined && callee !== undefined && calleeOf(call) === callee ? call : undefined
}

function escapedNames(module: Module): readonly FoundGap[] {
  return [...module.file.content.matchAll(ESCAPED)].flatMap((match) => {
    const name = nodeAt(module.root, match.index)
    const plain = match[0].replace(/\\u(?:[0-9a-fA-F]{4}|\{[0-9a-fA-F]{1,6}\})/g, unescape)
    return name?.kind.endsWith('identifier') === true && METHODS.has(plain)
      ? [gap(`\`${plain}\` is written with escapes here: the call is not followed`, name, module)]
      : []
  })
}

const gap = (what: string, at: Node, { file }: Module): FoundGap => ({
  claim: { claim: 'gap', code: 'not-understood', what, affects: { kind: 'folder' } },
  origin: file.origin(at.start, at.end),
})
