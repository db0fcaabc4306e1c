import type { Text } from '../../evidence/index.ts'
import type { Node } from '../tree.ts'
import { nameOf } from './syntax.ts'

const PATHS: readonly RegExp[] = [
  /(?:^|\/)(?:tests?|testing|test_suite|unit_?tests?|integration_?tests?|e2e)\//i,
  /(?:^|\/)(?:test_[^/]*|[^/]*_tests?|tests?|conftest)\.pyw?$/i,
]

/** Test runners; a file that imports one and has cases of its own is a test, wherever it stands. */
const RUNNERS = /^[ \t]*(?:import|from)[ \t]+(?:pytest|unittest|nose|hypothesis|locust)\b/m
const CASES = /^[ \t]*(?:async[ \t]+)?def[ \t]+test_\w*[ \t]*\(|^[ \t]*class[ \t]+\w*Test\w*[ \t]*[(:]|^[ \t]*@pytest\.fixture/m

const known = new WeakMap<Text, boolean>()

/** Whether only tests run this file. */
export function isTestCode(file: Text): boolean {
  let answer = known.get(file)
  if (answer === undefined) {
    answer = PATHS.some((pattern) => pattern.test(file.path)) || (RUNNERS.test(file.content) && CASES.test(file.content))
    known.set(file, answer)
  }
  return answer
}

/** Whether the node stands in a function or class that a test runner calls. */
export function inTestFunction(node: Node): boolean {
  for (let outer = node.parent; outer !== undefined; outer = outer.parent) {
    if (outer.kind === 'function_definition' && /^test_/.test(nameOf(outer))) return true
    if (outer.kind === 'class_definition' && /TestCase\b/.test(outer.field('superclasses')?.content ?? '')) return true
  }
  return false
}
