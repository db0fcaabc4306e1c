import { Composer, type Document, Parser } from 'yaml'
import { show, type Text } from '../evidence/index.ts'
import type { Diagnostics } from './diagnostic.ts'
import { misplacedAt, openAt } from './layout.ts'
import { isMap, type Place, type Places, type TreeMap } from './places.ts'
import { tooDeep } from './depth.ts'
import { type Budget, TreeBuilder } from './tree.ts'

/** UTF-16 code units. A policy of 1,000 services is about a third of this. */
const LARGEST_FILE = 256 * 1024

/** What YAML 1.2 §5.1 does not let a file hold. UTF-16 is full of U+0000. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/

/** Reads one policy file. `undefined`: it is not YAML, or not a mapping; the diagnostics say why. */
export function readDocument(text: Text, places: Places, diagnostics: Diagnostics, budget: Budget): TreeMap | undefined {
  const whole = { text, start: 0, end: text.line(1).length }
  if (text.content.length > LARGEST_FILE) {
    const message = `the file has ${text.content.length} characters; at most ${LARGEST_FILE} are read`
    diagnostics.add(whole, { code: 'too-large', message, hint: 'split the policy into several files and name them under `include`' })
    return undefined
  }
  const control = CONTROL.exec(text.content)
  if (control !== null) {
    const message = `the file holds the character U+${control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
    const place = rangeOf(text, [control.index, control.index + 1])
    diagnostics.add(place, { code: 'control-character', message, hint: 'save the file as plain text, in UTF-8' })
    return undefined
  }
  const document = compose(text, diagnostics)
  if (document === undefined || !isWellFormed(document, text, diagnostics)) return undefined
  if (document.contents === null) {
    diagnostics.add(whole, { code: 'missing-key', message: 'the policy is empty', hint: 'begin with `version: 1`' })
    return undefined
  }
  const value = new TreeBuilder(text, places, diagnostics, budget).build(document)
  if (value === undefined) return undefined
  if (isMap(value)) return value
  const message = 'a policy is a mapping of keys to values'
  diagnostics.add(rangeOf(text, document.contents.range), { code: 'wrong-type', message, hint: 'begin with `version: 1`' })
  return undefined
}

/**
 * The composer of `yaml` calls itself for every level; far enough down, V8 ends the whole process ("RegExpCompiler Allocation
 * failed") rather than throw. Its parser does not recurse: so the tokens are measured before they are composed.
 */
function compose(text: Text, diagnostics: Diagnostics): Document.Parsed | undefined {
  try {
    const tokens = [...new Parser().parse(text.content)]
    const offset = tooDeep(tokens)
    if (offset !== undefined) {
      const message = 'lists and mappings are nested too deeply'
      diagnostics.add(rangeOf(text, [offset, offset + 1]), { code: 'too-large', message, hint: 'no policy needs more than a few levels' })
      return undefined
    }
    // Keys are compared by the tree builder: the composer does it pair by pair, in quadratic time.
    const composer = new Composer({ uniqueKeys: false, merge: false, prettyErrors: false, logLevel: 'error' })
    const [document, another] = [...composer.compose(tokens, true, text.content.length)]
    if (another !== undefined) {
      const hint = 'keep one document in the file: take out the line `---` and what does not belong'
      const message = 'the file holds several YAML documents'
      diagnostics.add(rangeOf(text, another.range), { code: 'yaml-syntax', message, hint })
    }
    return document
  } catch (error) {
    const message = `the YAML parser gave up: ${show(error instanceof Error ? error.message : String(error))}`
    diagnostics.add(rangeOf(text, [0, 1]), { code: 'yaml-syntax', message, hint: 'write the file in plain block style' })
    return undefined
  }
}

function isWellFormed(document: Document.Parsed, text: Text, diagnostics: Diagnostics): boolean {
  const { yaml } = document.directives
  if (yaml.explicit && yaml.version !== '1.2') {
    const message = `policies are YAML 1.2, this file says ${show(yaml.version)}`
    const hint = 'take out the %YAML line: in YAML 1.1 `22:22` is a number and `no` is false'
    diagnostics.add(rangeOf(text, [0, text.line(1).length]), { code: 'yaml-version', message, hint })
  }
  addErrors(document.errors, text, diagnostics)
  for (const warning of document.warnings) {
    if (diagnostics.overflowed) break
    const message = `YAML: ${show(lowerFirst(warning.message))}`
    diagnostics.add(rangeOf(text, warning.pos), {
      code: 'yaml-tag',
      message,
      hint: 'policies hold plain text, numbers, lists and mappings: remove it',
    })
  }
  return document.errors.length === 0 && document.warnings.length === 0 && (!yaml.explicit || yaml.version === '1.2')
}

/** What `yaml` says where a bracket or a quote is open; anywhere else (in a block of text) they may be characters like others. */
const OF_BRACKETS = /\bflow\b|closing/i

type YamlError = Document.Parsed['errors'][number]

function causeOf({ message, pos: [offset] }: YamlError, text: Text): ReturnType<typeof misplacedAt> {
  return (OF_BRACKETS.test(message) ? openAt(text, offset) : undefined) ?? misplacedAt(text, offset)
}

/** So many errors are looked into: each may be far from where its cause is. */
const MOST_CAUSES = 5

/** One line that stands wrong, or one bracket, makes several errors: where the cause is found, what comes of it is not told. */
function addErrors(errors: readonly YamlError[], text: Text, diagnostics: Diagnostics): void {
  let explained = false
  let left = MOST_CAUSES
  for (const error of errors) {
    if (diagnostics.overflowed) return
    if (error.code === 'TAB_AS_INDENT' || text.content[error.pos[0]] === '\t') {
      diagnostics.add(rangeOf(text, error.pos), { code: 'yaml-tab', message: 'a tab cannot indent YAML', hint: 'indent with spaces' })
      continue
    }
    if (explained) continue
    const cause = left-- > 0 ? causeOf(error, text) : undefined
    explained = cause !== undefined
    if (cause !== undefined) diagnostics.add(cause.place, cause.problem)
    else
      diagnostics.add(rangeOf(text, error.pos), {
        code: 'yaml-syntax',
        message: PLAIN[error.code] ?? `YAML cannot be read here: ${show(lowerFirst(error.message))}`,
        hint: SYNTAX_HINTS[error.code] ?? 'check the indentation, quotes and brackets of this line and the one before',
      })
  }
}

/** Where its own words say less. */
const PLAIN: Readonly<Record<string, string>> = { MULTILINE_IMPLICIT_KEY: 'there is no `: ` behind this key' }

/** By the error codes of `yaml`. */
const SYNTAX_HINTS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'indent the entries of one mapping or list alike, and close every bracket and quote',
  BLOCK_AS_IMPLICIT_KEY: 'put quotes around a value that holds or ends in a colon, such as "2001:db8::", or start a new line',
  MISSING_CHAR: 'close the quote or bracket, and put `: ` after a key and a comma between entries',
  MULTILINE_IMPLICIT_KEY: 'write `key: value`, with a blank behind the colon',
  UNEXPECTED_TOKEN: 'put quotes around a value that begins with a special character',
  BAD_ALIAS: 'put quotes around text that begins with * or &',
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}

/** A place that lies within the text, and in a single line where it would span several. */
function rangeOf(text: Text, range: readonly number[]): Place {
  const start = Math.min(Math.max(range[0] ?? 0, 0), text.content.length)
  const { line, column } = text.position(start)
  const lineEnd = start - column + 1 + text.line(line).length
  return { text, start, end: Math.max(start, Math.min(range[1] ?? start, lineEnd)) }
}
