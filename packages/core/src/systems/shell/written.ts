import type { Passage } from '../passage.ts'
import type { Surroundings } from './expand.ts'
import { documentsOf, type WrittenDocument } from './documents.ts'
import type { CommandNode, GroupNode, Node } from './syntax.ts'
import type { ShellContext } from './walk.ts'
import { type FileWrite, isEnvironmentFile, writesOf } from './writes.ts'

/** Commands of one group that are looked at. */
const LINES = 50
/** Files written by one script that are told. */
const WRITES = 100
/** Programs that write files by their own words. */
const WRITERS = /^(?:sudo|cp|mv|ln|install|tee|sed)$/

/** The files of variables that a script has written so far: what it reads in later is what stands in them by then. */
export class WrittenFiles {
  readonly all: FileWrite[] = []
  /** Other files, as far as they are written with here-documents. */
  readonly documents: WrittenDocument[] = []
  /** The script's context, with the files that it has written in their places. */
  readonly context: ShellContext
  readonly #texts = new Map<string, Passage>()

  constructor(context: ShellContext) {
    this.context = { ...context, sourced: (path) => this.#texts.get(path) ?? context.sourced?.(path) }
  }

  /** `program`: its name, where it is known. */
  by(node: CommandNode, program: string | undefined, at: Surroundings, certain: boolean): void {
    if (!WRITERS.test(program ?? '') && node.outputs === undefined) return
    this.#add(writesOf(node, at, this.context, certain))
    this.#addDocuments(documentsOf(node, at, this.context))
  }

  /** `… | tee FILE`. */
  byPipeline(nodes: readonly Node[], at: Surroundings, certain: boolean): void {
    const [before, last] = nodes.slice(-2)
    if (before?.kind !== 'command' || last?.kind !== 'command') return
    this.#add(writesOf(last, at, this.context, certain, before))
    this.#addDocuments(documentsOf(last, at, this.context, before))
  }

  /** `{ …; …; } > FILE`: what its commands print that stand in it one behind another. */
  byGroup({ body, outputs = [] }: GroupNode, at: Surroundings, certain: boolean): void {
    if (outputs.length === 0 || body.kind !== 'sequence') return
    const items = body.items.slice(0, LINES).flatMap(({ node }) => (node.kind === 'command' && node.outputs === undefined ? [node] : []))
    for (const [index, node] of items.entries()) {
      const into = outputs.map((output) => ({ ...output, append: output.append || index > 0 }))
      this.#add(writesOf({ ...node, outputs: into }, at, this.context, certain))
      this.#addDocuments(documentsOf({ ...node, outputs: into }, at, this.context))
    }
  }

  /** What a script within this one writes. */
  include(writes: readonly FileWrite[], documents: readonly WrittenDocument[]): void {
    this.#add(writes)
    this.#addDocuments(documents)
  }

  #addDocuments(documents: readonly WrittenDocument[]): void {
    for (const document of documents) if (this.documents.length < WRITES && !isEnvironmentFile(document.path)) this.documents.push(document)
  }

  #add(writes: readonly FileWrite[]): void {
    for (const write of writes) {
      if (this.all.length >= WRITES) return
      this.all.push(write)
      const [path] = write.paths
      if (path === undefined || write.passage === undefined) continue
      const before = write.append ? this.context.sourced?.(path) : undefined
      const whole = before === undefined ? write.passage : behind(before, write.passage)
      for (const one of write.paths) this.#texts.set(one, whole)
    }
  }
}

/** One text behind another, each with its own places. */
function behind(before: Passage, after: Passage): Passage {
  const glue = before.content === '' || before.content.endsWith('\n') ? '' : '\n'
  const length = before.content.length + glue.length
  return {
    content: before.content + glue + after.content,
    origin: (start, end) =>
      start >= length
        ? after.origin(start - length, end - length)
        : before.origin(Math.min(start, before.content.length), Math.min(end, before.content.length)),
  }
}
