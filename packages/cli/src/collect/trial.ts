import { spawnSync } from 'node:child_process'
import { deflateRawSync } from 'node:zlib'

/**
 * tree-sitter's recovery from mistakes takes the square of their number: eight thousand characters of `}-` keep it busy for a
 * minute, and nothing stops it within a process. A text with so many mistakes, or one that repeats itself as no person does, is
 * therefore parsed in another process first, which can be ended. What is neither is soon done with.
 */
const MISTAKES = 250
/** In UTF-16 code units: shorter texts are soon done with, whatever is in them. */
const SHORT = 1000
/** Code takes a third to a tenth of its length when it is compressed. */
const REPETITIVE = 16

/** What stands nowhere in code but in its texts: an operator before what ends an expression, or before another that cannot follow it. */
const MISTAKE =
  /(?:(?<![-+])[-+~!]|\b(?:not|new|await)\b)\s*(?:[}\]):,;?]|else\b|=>)|(?:~|\bnot)\s*=|=>\s*[}\]),;:]|[=:]\s*=\s*[=:]|[,(]\s*[=:?]|[-+~^%]\s*[&|^%/>]|(?<![&|])[&|]\s*[!~^%/>;,)]|>\s*[~^]/g

/** The longest that one text is tried for, and all of them together. */
const LONGEST_MS = 2000
const ALTOGETHER_MS = 10_000

/** Whether parsing the text could take longer than anybody waits. */
export function looksEndless(text: string): boolean {
  if (text.length < SHORT) return false
  const mistakes = text.match(MISTAKE)?.length ?? 0
  return mistakes + unopened(text) > MISTAKES || deflateRawSync(text, { level: 1 }).length * REPETITIVE < text.length
}

/** Closing brackets without one that opens. */
function unopened(text: string): number {
  let open = 0
  let count = 0
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (character === '(' || character === '[' || character === '{') open++
    else if (character === ')' || character === ']' || character === '}') {
      if (open === 0) count++
      else open--
    }
  }
  return count
}

const PROGRAM = `
const [native, language, grammar] = process.argv.slice(1)
const grep = require(native)
if (grammar !== undefined) grep.registerDynamicLanguage({ [language]: require(grammar) })
grep.parse(language, require('node:fs').readFileSync(0, 'utf8'))
`

let spent = 0

/** Parses the text in a process of its own; `false` where that takes too long. `modules`: the paths of the parser, and of the grammar if it is not built in. */
export function endsInTime(text: string, language: string, modules: readonly [native: string, grammar?: string]): boolean {
  if (spent > ALTOGETHER_MS) return false
  const [native, grammar] = modules
  const started = performance.now()
  const { status } = spawnSync(process.execPath, ['-e', PROGRAM, native, language, ...(grammar === undefined ? [] : [grammar])], {
    cwd: '/',
    env: {},
    input: text,
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  })
  spent += performance.now() - started
  return status === 0
}
