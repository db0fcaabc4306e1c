import type { FileOrigin, Text } from '../../evidence/index.ts'
import { deployedPath, isOfTheMachine } from '../deployed.ts'
import { FileChanges } from '../file-changes.ts'
import type { Passage } from '../passage.ts'
import { directoryOf, joinPath, nameOf } from '../paths.ts'
import { inFolder, type Place, placeOf } from '../programs/place.ts'
import type { WrittenDocument } from '../shell/documents.ts'
import type { ShellReading } from '../shell/reading.ts'
import { readShell } from '../shell/walk.ts'
import type { FileWrite } from '../shell/writes.ts'
import type { ScriptedFile } from '../system.ts'
import type { StartFiles } from './files.ts'
import type { StartContext } from './start.ts'

/** Files that scripts write which are read. */
const WRITTEN = 500

/** What the scripts that are followed write into the folder. */
export class ScriptWrites {
  /** The files of variables that they make. */
  readonly variables: FileWrite[] = []
  readonly changes: FileChanges
  readonly #documents = new Map<string, ScriptedFile>()
  readonly #files: StartFiles
  readonly #paths: ReadonlySet<string>

  constructor(files: StartFiles) {
    this.#files = files
    this.#paths = files.snapshot.paths
    this.changes = new FileChanges(files.snapshot, (path) => files.text(path))
  }

  add({ writes = [], documents = [], changes = [] }: ShellReading): void {
    for (const write of writes) this.variables.push({ ...write, paths: this.#places(write.paths) })
    for (const document of documents) this.#addDocument(document)
    for (const change of changes) this.changes.add(change, this.#places(change.paths))
  }

  /** What is run before a start, or while an image is built, starts nothing that stays: it may change the files that do. */
  prepared(script: Passage, { workingDirectory, mounts, inContainer }: StartContext): void {
    const image = this.#image(mounts)
    const placed = (paths: readonly string[]): readonly string[] =>
      inContainer === true ? paths.flatMap((path) => inFolder(image, path) ?? []) : this.#places(paths)
    const sourced = (path: string): Text | undefined => placed([path]).map((one) => this.#files.text(one))[0]
    const { commands, changes = [] } = readShell(script, { workingDirectory, sourced })
    for (const change of changes) this.changes.add(change, placed(change.paths))
    for (const { words } of commands) this.changes.addLinked(words)
  }

  /** A file of the folder that stands in a container where another one of the folder would be. */
  standsAt(file: string, place: string, mounts: ReadonlyMap<string, string>, origin: FileOrigin): void {
    const directory = inFolder(this.#image(mounts), directoryOf(place))
    const path = directory === undefined ? undefined : joinPath(directory, nameOf(place))
    if (path === undefined || path === file || !this.#paths.has(file)) return
    this.changes.add({ paths: [path], append: false, passage: this.#files.text(file), origin }, [path])
  }

  /** The files that are written with here-documents, each place once. */
  documents(): readonly ScriptedFile[] {
    return [...this.#documents.values()]
  }

  /** One that the folder has as well is another file, unless its path says that it is this one. */
  #addDocument(document: WrittenDocument): void {
    const absolute = document.path.startsWith('/')
    const [deployed] = this.#places([document.path])
    const path = absolute && (deployed === undefined || this.#paths.has(deployed)) ? document.path.slice(1) : (deployed ?? '')
    const { path: script, span } = document.passage.origin(0, 0)
    if (this.#documents.size < WRITTEN) this.#documents.set(`${script}:${span.start.offset}:${path}`, { ...document, path })
  }

  /** The files of the folder that a script writes: one by its place on a machine is beside what is deployed there. */
  #places(paths: readonly string[]): readonly string[] {
    return paths.flatMap((path) => {
      if (!path.startsWith('/')) return [path]
      return isOfTheMachine(path) ? [] : [deployedPath(path, this.#paths) ?? nameOf(path)]
    })
  }

  #image(mounts: ReadonlyMap<string, string> = new Map()): Place {
    return placeOf({ workingDirectory: '/', mounts, paths: this.#paths, inContainer: true })
  }
}
