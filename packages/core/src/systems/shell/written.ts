import type { Passage } from '../passage.ts'
import { type ChangedFile, CHANGES, changesOf } from './changes.ts'
import { nameOf } from '../paths.ts'
import type { Surroundings } from './expand.ts'
import { documentsOf, printedDocument, type WrittenDocument } from './documents.ts'
import type { CommandNode, GroupNode, Node } from './syntax.ts'
import type { ShellContext } from './context.ts'
import type { ShellReading } from './reading.ts'
import { type FileWrite, isEnvironmentFile, writesOf } from './writes.ts'

/** Commands of one group that are looked at. */
const LINES = 50
/** Files written by one script that are told. */
const WRITES = 100

/** The files that a script has written so far: what it reads in later is what stands in them by then. */
export class WrittenFiles {
  readonly all: FileWrite[] = []
  /** Other files, as far as they are written with here-documents. */
  readonly documents: WrittenDocument[] = []
  /** Every file, as far as the folder or the script may have it. */
  readonly changes: ChangedFile[] = []
  /** The script's context, with the files that it has written in their places. */
  readonly context: ShellContext
  readonly #texts = new Map<string, Passage>()

  constructor(context: ShellContext) {
    this.context = { ...context, sourced: (path) => this.#texts.get(path) ?? context.sourced?.(path) }
  }

  /** `program`: its name or path, where it is known. */
  by(node: CommandNode, program: string | undefined, at: Surroundings, certain: boolean): void {
    if (program !== 'sudo' && !CHANGES.test(nameOf(program ?? '')) && node.outputs === undefined) return
    this.#add(writesOf(node, at, this.context, certain))
    this.#addDocuments(documentsOf(node, at, this.context))
    this.#addChanges(changesOf(node, at, this.context))
  }

  /** `… | tee FILE`. */
  byPipeline(nodes: readonly Node[], at: Surroundings, certain: boolean): void {
    const [before, last] = nodes.slice(-2)
    if (before?.kind !== 'command' || last?.kind !== 'command') return
    this.#add(writesOf(last, at, this.context, certain, before))
    this.#addDocuments(documentsOf(last, at, this.context, before))
    this.#addChanges(changesOf(last, at, this.context, before))
  }

  /** `{ …; …; } > FILE`: what its commands print that stand in it one behind another. */
  byGroup({ body, outputs = [] }: GroupNode, at: Surroundings, certain: boolean): void {
    if (outputs.length === 0 || body.kind !== 'sequence') return
    const items = body.items.slice(0, LINES).flatMap(({ node }) => (node.kind === 'command' && node.outputs === undefined ? [node] : []))
    for (const [index, node] of items.entries()) {
      const into = outputs.map((output) => ({ ...output, append: output.append || index > 0 }))
      this.#add(writesOf({ ...node, outputs: into }, at, this.context, certain))
      this.#addDocuments(documentsOf({ ...node, outputs: into }, at, this.context))
      this.#addChanges(changesOf({ ...node, outputs: into }, at, this.context))
    }
  }

  /** What a script within this one writes. */
  include({ writes = [], documents = [], changes = [] }: ShellReading): void {
    this.#add(writes)
    this.#addDocuments(documents)
    this.#addChanges(changes)
  }

  #addChanges(changes: readonly ChangedFile[]): void {
    for (const change of changes) {
      if (this.changes.length >= WRITES) return
      const whole = change.passage === undefined ? undefined : this.#whole({ ...change, passage: change.passage })
      this.changes.push({ ...change, passage: whole })
      for (const path of change.paths) if (whole !== undefined) this.#texts.set(path, whole)
      if (change.isPrinted === true && change.passage !== undefined) this.#addPrinted(change, change.passage)
    }
  }

  /** What is printed into a file line by line is one document, unless it stands behind what the script did not print. */
  #addPrinted({ paths: [path = ''], append, origin }: ChangedFile, passage: Passage): void {
    const document = printedDocument(path, passage, origin)
    const index = append ? this.documents.findIndex((one) => one.path === path) : -1
    const before = this.documents[index]
    if (!append) return this.#addDocuments([document])
    if (before === undefined) return
    this.documents[index] = { ...document, ...before, passage: behind(before.passage, document.passage) }
  }

  #whole({ paths: [path = ''], passage, append }: Pick<ChangedFile, 'paths' | 'append'> & { readonly passage: Passage }): Passage {
    const before = append ? this.context.sourced?.(path) : undefined
    return before === undefined ? passage : behind(before, passage)
  }

  #addDocuments(documents: readonly WrittenDocument[]): void {
    for (const document of documents) if (this.documents.length < WRITES && !isEnvironmentFile(document.path)) this.documents.push(document)
  }

  #add(writes: readonly FileWrite[]): void {
    for (const write of writes) {
      if (this.all.length >= WRITES) return
      this.all.push(write)
      if (write.passage === undefined) continue
      const whole = this.#whole({ ...write, passage: write.passage })
      for (const path of write.paths) this.#texts.set(path, whole)
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
