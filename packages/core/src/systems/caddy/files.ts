import { ParsedFiles, WHY_NOT_READ } from '../parsed-files.ts'
import type { Snapshot } from '../system.ts'
import { directoryOf, joinPath } from '../paths.ts'
import type { CaddyGaps } from './gaps.ts'
import { type Directive, Source } from './parse.ts'
import type { Token } from './tokens.ts'

/** Imports of one reading, each as often as it is made: a few lines can double their way to millions. */
const MOST_IMPORTS = 10_000
/** Lines of one reading after import. */
const MOST_LINES = 200_000
const DEEPEST = 30
/** Words of one line after arguments are put in. */
const MOST_WORDS = 1000

/** The configuration of one main file with its imports put in. */
export interface Whole {
  /** The global options; absent where there are none. */
  readonly options: Directive | undefined
  readonly sites: readonly Directive[]
  /** Named routes (`&(name)`), for `invoke`. */
  readonly routes: ReadonlyMap<string, Directive>
  readonly imported: ReadonlySet<string>
}

interface Place {
  readonly path: string
  readonly chain: readonly string[]
  readonly given: readonly Token[]
  readonly block: readonly Directive[] | undefined
}

/** The files of a snapshot, parsed once each. What the snapshot lacks is asked for. */
export class Files extends ParsedFiles<Source> {
  readonly #gaps: CaddyGaps
  #imports = 0
  #lines = 0

  constructor(snapshot: Snapshot, gaps: CaddyGaps) {
    super(snapshot, (path, text) => new Source(path, text))
    this.#gaps = gaps
  }

  /** The whole of a main file. */
  whole(source: Source): Whole {
    const expansion = new Expansion(this, this.#gaps)
    return expansion.run(source)
  }

  count(lines: number, directive: Directive): boolean {
    this.#lines += lines
    if (this.#lines <= MOST_LINES) return true
    this.#gaps.at(directive, `more than ${MOST_LINES} lines after import: the rest is not read`, 'limit')
    return false
  }

  countImport(directive: Directive, depth: number): boolean {
    this.#imports++
    if (this.#imports <= MOST_IMPORTS && depth <= DEEPEST) return true
    this.#gaps.at(directive, `too many imports (more than ${MOST_IMPORTS}, or ${DEEPEST} deep): this one is not read`, 'limit')
    return false
  }

  /** The files that an import names, against the folder of the file that it stands in; of a pattern all. `main`: the file that Caddy is given. */
  matching(pattern: string, from: string, main: string, directive: Directive): readonly Source[] {
    const path = importedPath(pattern, from, main)
    if (path === undefined) {
      this.#gaps.at(directive, `the imported ${pattern.slice(0, 80)} is outside the folder`, 'absent')
      return []
    }
    const isPattern = /[*?[]/.test(path)
    const found = isPattern ? this.snapshot.glob(path) : [path]
    if (found === undefined) this.globs.add(path)
    return (found ?? []).flatMap((each) => {
      const state = this.source(each)
      if (state === undefined) return []
      if (state instanceof Source) return [state]
      this.#gaps.at(directive, `the imported ${each.slice(0, 200)} ${WHY_NOT_READ[state.kind]}`, state.kind)
      return []
    })
  }
}

/** Where packages and images of Caddy have its files: what an absolute path means in a folder that is copied or mounted there. */
const HOME = '/etc/caddy/'

/** `undefined`: outside the folder under inspection. */
function importedPath(pattern: string, from: string, main: string): string | undefined {
  if (!pattern.startsWith('/')) return joinPath(directoryOf(from), pattern)
  if (main.startsWith('/')) return pattern
  return pattern.startsWith(HOME) ? joinPath(directoryOf(main), pattern.slice(HOME.length)) : undefined
}

class Expansion {
  readonly #files: Files
  readonly #gaps: CaddyGaps
  readonly #snippets = new Map<string, { readonly directive: Directive; readonly path: string }>()
  readonly #routes = new Map<string, Directive>()
  readonly #imported = new Set<string>()

  constructor(files: Files, gaps: CaddyGaps) {
    this.#files = files
    this.#gaps = gaps
  }

  run(source: Source): Whole {
    const place: Place = { path: source.path, chain: [source.path], given: [], block: undefined }
    const top = this.#top(source, place)
    const [first] = top
    const options = first !== undefined && first.head.length === 0 && first.block !== undefined ? first : undefined
    const sites = options === undefined ? top : top.slice(1)
    return { options, sites, routes: this.#routes, imported: this.#imported }
  }

  #top(source: Source, place: Place): readonly Directive[] {
    this.#gaps.refused(source)
    const { directives } = source
    for (const directive of directives) {
      const name = /^(&?)\(([^()]+)\)$/.exec(directive.name)
      if (name === null || directive.block === undefined) continue
      if (name[1] === '') this.#snippets.set(name[2] ?? '', { directive, path: source.path })
    }
    const found: Directive[] = []
    for (const [index, directive] of directives.entries()) {
      const name = /^(&?)\(([^()]+)\)$/.exec(directive.name)
      if (name !== null && directive.block !== undefined) {
        if (name[1] === '&') this.#routes.set(name[2] ?? '', this.#expanded(directive, place))
        continue
      }
      if (directive.name === 'import') {
        found.push(...this.#import(directive, place, (inner, at) => this.#top(inner, at)))
        continue
      }
      // One site needs no braces: its addresses are the first line, and all that follows is in it.
      if (directive.block === undefined && index === directives.findIndex(isOfSite) && isBare(directives, index)) {
        const block = directives.slice(index + 1).filter((line) => !/^&?\(/.test(line.name))
        found.push({ ...directive, block: block.flatMap((line) => this.#line(line, place)) })
        break
      }
      found.push(this.#expanded(directive, place))
    }
    return found
  }

  /** With its words and its block as they are once imports are put in. */
  #expanded(directive: Directive, place: Place): Directive {
    const { given } = place
    const all = given.length === 0 ? directive.head : directive.head.flatMap((word) => withArguments(word, given))
    if (all.length > MOST_WORDS) this.#gaps.at(directive, `a line of more than ${MOST_WORDS} words: the rest is not read`, 'limit')
    const head = all.slice(0, MOST_WORDS)
    const block = directive.block?.flatMap((line) => this.#line(line, place))
    return { ...directive, name: head[0]?.text ?? '', words: head.slice(1), head, block }
  }

  #line(directive: Directive, place: Place): readonly Directive[] {
    if (!this.#files.count(1, directive)) return []
    if (/^\{block\}$/.test(directive.name) && directive.words.length === 0) return place.block ?? []
    if (/^\{blocks\.[^{}]+\}$/.test(directive.name)) {
      const name = directive.name.slice('{blocks.'.length, -1)
      return place.block?.find((each) => each.name === name)?.block ?? []
    }
    if (directive.name !== 'import') return [this.#expanded(directive, place)]
    return this.#import(directive, place, (source, at) => {
      this.#gaps.refused(source)
      return source.directives.flatMap((line) => this.#line(line, at))
    })
  }

  #import(written: Directive, place: Place, read: (source: Source, at: Place) => readonly Directive[]): readonly Directive[] {
    const directive = this.#expanded(written, place)
    const [word, ...given] = directive.words
    if (word === undefined || !this.#files.countImport(directive, place.chain.length)) {
      if (word === undefined) this.#gaps.at(directive, 'an import names a snippet or a file')
      return []
    }
    const block = directive.block
    const snippet = this.#snippets.get(word.text)
    if (snippet !== undefined) {
      const name = `(${word.text})`
      if (place.chain.includes(name)) {
        this.#gaps.at(directive, `the snippet ${word.text.slice(0, 80)} imports itself`)
        return []
      }
      const at: Place = { path: snippet.path, chain: [...place.chain, name], given, block }
      return (snippet.directive.block ?? []).flatMap((line) => this.#line(line, at))
    }
    if (word.text.includes('{')) {
      this.#gaps.at(directive, 'what is imported is decided by the environment')
      return []
    }
    return this.#files.matching(word.text, written.source.path, place.chain[0] ?? '', directive).flatMap((source) => {
      if (place.chain.includes(source.path)) {
        this.#gaps.at(directive, `${source.path} imports itself`)
        return []
      }
      this.#imported.add(source.path)
      return read(source, { path: source.path, chain: [...place.chain, source.path], given, block })
    })
  }
}

function isOfSite(line: Directive): boolean {
  return line.head.length > 0 && line.name !== 'import' && !/^&?\(/.test(line.name)
}

/** No line of the file that could be a site has a block of its own as sites have: `name {` without being a directive's. */
function isBare(directives: readonly Directive[], index: number): boolean {
  return directives[index]?.block === undefined
}

/** `{args[0]}`, `{args.0}`, `{args[:]}`, `{args[1:]}` (parse.go, importargs.go). */
function withArguments(word: Token, given: readonly Token[]): readonly Token[] {
  if (!word.text.includes('{args')) return [word]
  const [, from, to] = /^\{args\[(\d{0,4}):(\d{0,4})\]\}$/.exec(word.text) ?? []
  if (from !== undefined) return given.slice(Number(from || 0), to === '' || to === undefined ? undefined : Number(to))
  if (word.text === '{args.*}') return given
  const text = word.text.replace(
    /\{args(?:\.(\d{1,4})|\[(\d{1,4})\])\}/g,
    (whole, dotted: string | undefined, indexed: string | undefined) => {
      return given[Number(dotted ?? indexed)]?.text ?? whole
    },
  )
  return [{ ...word, text }]
}
