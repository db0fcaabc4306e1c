import { show, Text } from '../../../../evidence/index.ts'
import { field, type Json } from '../../../json.ts'
import type { FileState } from '../../../system.ts'
import type { NftProblem } from '../ruleset.ts'
import { readChainMember } from './chain.ts'
import { readCommand } from './command.ts'
import { type Budget, Cursor, NotUnderstood, Scope } from './cursor.ts'
import { MOST_VALUES, readElements } from './set.ts'
import { chainOf, type OpenTable, Tables } from './tables.ts'
import { readTableMember } from './table.ts'
import { readValue } from './value.ts'

/** The files that a text may include. `undefined` answers: not looked at yet. */
export interface NftFiles {
  file(path: string): FileState | undefined
  glob(pattern: string): readonly string[] | undefined
  /** The path, or pattern of paths, that `include "WHAT"` means in a file. `undefined`: outside of what can be looked at. */
  resolve(what: string, within: string): string | undefined
}

/** As deep as nft follows (nftables.h, MAX_INCLUDE_DEPTH), and as many files in all. */
const DEEPEST = 16
const MOST_FILES = 1000
/** More than are told one by one. */
const MOST_PROBLEMS = 100

/** What `nft -f` does with a file: its commands, one after the other, and those of the files that it includes. */
export class Loading {
  readonly tables = new Tables()
  readonly problems: NftProblem[] = []
  readonly needs = new Set<string>()
  readonly globs = new Set<string>()
  /** The files that were read besides the first. */
  readonly included = new Set<string>()
  readonly #files: NftFiles
  readonly #budget: Budget = { values: MOST_VALUES }
  /** The files that are being read, one within the other. */
  readonly #open = new Set<string>()
  #read = 0
  #inPlace = 0

  constructor(files: NftFiles) {
    this.#files = files
  }

  load(text: Text): void {
    this.#open.add(text.path)
    this.#members(new Cursor(text, new Scope(), this.#budget), (cursor) => readCommand(cursor, this), false)
  }

  /** A block behind its opening brace, with its closing one. Names that it defines end with it. */
  tableBlock(cursor: Cursor, table: OpenTable): void {
    this.#block(cursor, (inner) => readTableMember(inner, this, table))
  }

  chainBlock(cursor: Cursor, table: OpenTable, name: string): void {
    chainOf(table, name)
    this.#block(cursor, (inner) => readChainMember(inner, this, table, name))
  }

  /** `jump { … }`: the kernel has a chain for it, whose name nobody else can say. */
  chainInPlace(cursor: Cursor, table: OpenTable): string {
    const name = `{${++this.#inPlace}}`
    this.chainBlock(cursor, table, name)
    return name
  }

  #block(cursor: Cursor, member: (inner: Cursor) => void): void {
    const { scope } = cursor
    cursor.scope = new Scope(scope)
    try {
      cursor.deeper(() => this.#members(cursor, member, true))
    } finally {
      cursor.scope = scope
    }
  }

  #members(cursor: Cursor, member: (inner: Cursor) => void, closes: boolean): void {
    for (;;) {
      cursor.separators()
      if (cursor.token.kind === 'end') {
        if (closes) this.problem(cursor, cursor.token.start, 'the end of the file within braces')
        return
      }
      if (cursor.take('}')) {
        if (closes) return
        this.problem(cursor, cursor.passed - 1, 'a brace that closes nothing')
        continue
      }
      this.#member(cursor, member)
    }
  }

  #member(cursor: Cursor, member: (inner: Cursor) => void): void {
    const { start } = cursor.token
    try {
      if (cursor.is('include')) this.#include(cursor, member)
      else if (cursor.is('define', 'redefine', 'undefine')) define(cursor)
      else member(cursor)
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error
      cursor.missing.length = 0
      this.problem(cursor, error.offset, error.message)
      cursor.reset(start)
      cursor.skip()
      return
    }
    if (cursor.atEnd) return
    this.problem(cursor, cursor.token.start, cursor.unexpected())
    cursor.skip()
  }

  /** Whatever it is, rules or chains may be missing or be more. */
  problem(cursor: Cursor, offset: number, what: string, code: NftProblem['code'] = 'not-understood'): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ what, code, origin: cursor.text.origin(offset, offset) })
  }

  /** Variables that no file defines: nft stops at them, unless it is given them when it is called. */
  missing(cursor: Cursor): void {
    for (const { text, start } of cursor.missing.splice(0)) this.problem(cursor, start, `$${show(text)} is not defined`)
  }

  /** What is included stands in the place of the command (nft(8), INCLUDE FILES). */
  #include(cursor: Cursor, member: (inner: Cursor) => void): void {
    const { start } = cursor.next()
    const { kind, text: what } = cursor.token
    if (kind !== 'string') cursor.fail()
    cursor.next()
    const path = this.#files.resolve(what, cursor.text.path)
    if (path === undefined) return this.problem(cursor, start, `include "${what}": outside of what is looked at`)
    const wild = /[*?[]/.test(path)
    const paths = wild ? this.#files.glob(path) : [path]
    if (paths === undefined) {
      this.globs.add(path)
      return
    }
    for (const each of paths) this.#includeFile(cursor, start, each, member)
  }

  #includeFile(cursor: Cursor, start: number, path: string, member: (inner: Cursor) => void): void {
    const state = this.#files.file(path)
    if (state === undefined) {
      this.needs.add(path)
      return
    }
    if (state.kind !== 'text') return this.problem(cursor, start, `include "${path}": ${WHY[state.kind]}`, state.kind)
    if (this.#open.has(path)) return this.problem(cursor, start, `include "${path}": a file within itself`)
    if (this.#open.size > DEEPEST || ++this.#read > MOST_FILES)
      return this.problem(cursor, start, `include "${path}": more files than are followed`, 'limit')
    this.#open.add(path)
    this.included.add(path)
    this.#members(new Cursor(new Text(path, state.text), cursor.scope, this.#budget), member, false)
    this.#open.delete(path)
  }
}

const WHY: Readonly<Record<Exclude<FileState['kind'], 'text'>, string>> = {
  absent: 'there is no such file',
  denied: 'it could not be read',
  'too-large': 'it is too large to be read',
  'not-text': 'it is no text',
  'not-a-file': 'it is no file',
}

/** `define ports = { 80, 443 }`, `redefine`, `undefine`. */
function define(cursor: Cursor): void {
  const word = cursor.next().text
  const { kind, text: name } = cursor.next()
  if (kind !== 'word') cursor.fail()
  if (word === 'undefine') return cursor.scope.undefine(name)
  cursor.expect('=')
  const value = readDefinition(cursor)
  if (word === 'define') cursor.scope.define(name, value)
  else cursor.scope.redefine(name, value)
}

function readDefinition(cursor: Cursor): Json {
  if (cursor.is('{')) return { set: readElements(cursor, 'other', undefined) }
  if (cursor.is('-')) {
    cursor.next()
    return -cursor.number()
  }
  const first = readValue(cursor)
  if (!cursor.is(',')) return first
  const list = field(first, 'set') === undefined ? [first] : cursor.fail()
  while (cursor.take(',')) list.push(readValue(cursor))
  return list
}
