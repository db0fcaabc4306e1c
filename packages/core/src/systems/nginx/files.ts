import type { FileOrigin } from '../../evidence/index.ts'
import { ParsedFiles, WHY_NOT_READ } from '../parsed-files.ts'
import type { FileState, Snapshot } from '../system.ts'
import type { Gaps } from './gaps.ts'
import { type Directive, Source, wordOrigin, originOf } from './parse.ts'
import { folderOf, includedPath, isAbsolute, isHarmless, isPattern, isSiteFolder } from './paths.ts'

/** Inclusions of one reading, each file as often as it is included: a few lines can double their way to millions. */
const MOST_INCLUSIONS = 20_000

/** Directives of one reading after inclusion. */
const MOST_EXPANDED = 500_000

/** Files that include files … nginx's limit is the number of open files. */
const DEEPEST_INCLUDE = 32

/** The files of a snapshot, parsed once each, with their includes put in. What the snapshot lacks is asked for. */
export class Files extends ParsedFiles<Source> {
  readonly #gaps: Gaps
  /** Those that hold a file directly. */
  #folders: ReadonlySet<string> | undefined
  #inclusions = 0
  #expanded = 0

  constructor(snapshot: Snapshot, gaps: Gaps) {
    super(snapshot, (path, text) => new Source(path, text))
    this.#gaps = gaps
  }

  /**
   * The file's directives with all includes put in. `prefixes`: the folder that relative ones start from, or where that is a guess all that it
   * may be, the likeliest first. `included` collects the paths that were.
   */
  expand(source: Source, prefixes: readonly string[], included: Set<string>): readonly Directive[] {
    this.#gaps.refused(source)
    return this.#block(source.directives, { prefixes, included, chain: [source.path] })
  }

  #block(directives: readonly Directive[], place: Place): readonly Directive[] {
    const result: Directive[] = []
    for (const directive of directives) {
      if (this.#expanded > MOST_EXPANDED) break
      if (directive.name === 'include' && directive.block === undefined) {
        for (const inner of this.#include(directive, place)) result.push(inner)
        continue
      }
      this.#expanded++
      if (this.#expanded > MOST_EXPANDED)
        this.#gaps.at(directive, `more than ${MOST_EXPANDED} directives after inclusion: the rest is not read`, 'limit')
      const plain = directive.block === undefined || directive.lua !== undefined
      result.push(plain ? directive : { ...directive, block: this.#block(directive.block ?? [], place) })
    }
    return result
  }

  #include(directive: Directive, place: Place): readonly Directive[] {
    const word = directive.words[0]
    if (word === undefined || directive.words.length > 1) {
      this.#gaps.at(directive, 'an include names exactly one file or pattern')
      if (word === undefined) return []
    }
    const path = this.#pathOf(word.text, place.prefixes)
    const origin = wordOrigin(directive, word)
    if (path === undefined) {
      this.#unseen(word.text, 'is outside the folder', origin)
      return []
    }
    if (!isPattern(word.text)) return this.#file(path, word.text, directive, place)
    const found = this.snapshot.glob(path)
    if (found === undefined) this.globs.add(path)
    // What distributions include is often empty; what somebody adds has a place of its own.
    const isElsewhere = found?.length === 0 && isAbsolute(word.text) && !isAbsolute(path)
    if (isElsewhere && !isSiteFolder(word.text)) this.#unseen(word.text, 'is outside the folder', origin)
    return (found ?? []).flatMap((match) => this.#file(match, match, directive, place))
  }

  /** From the first folder that has such a file, or for a pattern the folder that it looks into. */
  #pathOf(written: string, prefixes: readonly string[]): string | undefined {
    const candidates = prefixes.map((prefix) => includedPath(written, prefix))
    if (candidates.length < 2) return candidates[0]
    const exists = (path: string): boolean => {
      if (!isPattern(path)) return this.snapshot.paths.has(path)
      return this.#foldersOfAll().has(folderOf(path.slice(0, path.search(/[*?[]/))))
    }
    return candidates.find((path) => path !== undefined && exists(path)) ?? candidates[0]
  }

  #foldersOfAll(): ReadonlySet<string> {
    this.#folders ??= new Set([...this.snapshot.paths].map(folderOf))
    return this.#folders
  }

  #file(path: string, written: string, directive: Directive, place: Place): readonly Directive[] {
    const origin = originOf(directive)
    if (place.chain.includes(path)) {
      this.#gaps.add('not-understood', `${written} includes itself: nginx opens it until it runs out of files`, origin)
      return []
    }
    this.#inclusions++
    if (place.chain.length > DEEPEST_INCLUDE || this.#inclusions > MOST_INCLUSIONS) {
      this.#gaps.add('limit', `too many includes (more than ${MOST_INCLUSIONS}, or ${DEEPEST_INCLUDE} deep): this one is not read`, origin)
      return []
    }
    const source = this.source(path)
    if (source === undefined) return []
    place.included.add(path)
    if (!(source instanceof Source)) {
      this.#unseen(written, WHY_NOT_READ[source.kind], origin, source.kind)
      return []
    }
    this.#gaps.refused(source)
    return this.#block(source.directives, { ...place, chain: [...place.chain, path] })
  }

  #unseen(written: string, why: string, origin: FileOrigin, code: Exclude<FileState['kind'], 'text'> = 'absent'): void {
    const decides = !isHarmless(written) && !(code === 'absent' && isPattern(written) && isSiteFolder(written))
    this.#gaps.add(code, `the included ${written} ${why}`, origin, decides)
  }
}

interface Place {
  readonly prefixes: readonly string[]
  readonly included: Set<string>
  /** The files that are being included, the outermost first. */
  readonly chain: readonly string[]
}
