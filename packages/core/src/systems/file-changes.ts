import { type Evidence, type FileChange, type FileOrigin, knownText, Text, type Word } from '../evidence/index.ts'
import { readEnvironmentFile } from './dotenv/values.ts'
import { goFilesOf, linesSetting, linkedVariables } from './go-linked.ts'
import { nameOf } from './paths.ts'
import type { ChangedFile } from './shell/changes.ts'
import type { LineEdit } from './shell/substitute.ts'
import { isEnvironmentFile } from './shell/writes.ts'
import { evidenceIn, type Snapshot } from './system.ts'
import { isTestPath } from './tests.ts'

/** Changes that are told, and files that one command may change which are looked at. */
const MOST = 500
/** Files that may say where something listens. */
const TELLS =
  /(?:\.(?:[cm]?[jt]sx?|py|go|json5?|ya?ml|toml|ini|cfg|conf|config|properties|env|sh|bash|ps1|bat|cmd|service)|(?:^|\/)[\w-]+)$/

/** The files of the folder that are not what they were when they run: scripts and builds change them. */
export class FileChanges {
  readonly evidence: Evidence<FileChange>[] = []
  readonly #snapshot: Snapshot
  readonly #text: (path: string) => Text | undefined
  /** What was looked at before: a script may be come to in many ways. */
  readonly #seen = new Set<string>()

  constructor(snapshot: Snapshot, text: (path: string) => Text | undefined) {
    this.#snapshot = snapshot
    this.#text = text
  }

  /** What a script writes anew or changes in place; `paths`: where in the folder that may be. What it says then is not followed, but which lines of it stay. */
  add({ passage, names, edit, origin }: ChangedFile, paths: readonly string[]): void {
    if (names !== undefined) return this.#addBelow(paths, names, edit, origin)
    const file = paths.find((path) => this.#snapshot.paths.has(path))
    if (file === undefined || this.#isSeen(file, origin)) return
    const text = passage === undefined && edit === undefined ? undefined : this.#text(file)
    if (text !== undefined && text.content === passage?.content) return
    if (text !== undefined && passage !== undefined && isEnvironmentFile(file))
      return this.#tell(file, linesSetOtherwise(text, passage.content), origin)
    this.#tellEdited(file, text?.content, edit, origin)
  }

  /** In the first of the directories that has such a file: the others are where the script may be started as well. */
  #addBelow(
    directories: readonly string[],
    names: NonNullable<ChangedFile['names']>,
    edit: LineEdit | undefined,
    origin: FileOrigin,
  ): void {
    if (this.#isSeen(`${directories[0] ?? ''}/`, origin)) return
    for (const directory of directories) {
      const isBelow = (file: string): boolean => directory === '' || file.startsWith(`${directory}/`)
      const found = [...this.#snapshot.paths]
        .filter((file) => isBelow(file) && TELLS.test(file) && file !== origin.path && names.some((name) => name.matches(nameOf(file))))
        .slice(0, MOST)
        .map((file) => ({ file, content: edit === undefined ? undefined : this.#text(file)?.content }))
        .filter(({ content }) => content === undefined || edit === undefined || linesWith(edit.texts, content).length > 0)
      for (const { file, content } of found) this.#tellEdited(file, content, edit, origin)
      if (found.length > 0) return
    }
  }

  #tellEdited(file: string, content: string | undefined, edit: LineEdit | undefined, origin: FileOrigin): void {
    const lines = content === undefined || edit === undefined ? undefined : linesWith(edit.texts, content)
    if (lines?.length !== 0) this.#tell(file, edit?.putsIn === true ? undefined : lines, origin)
  }

  /** `go build -ldflags "-X main.host=…"`: the variable has another value in what is built than its line says. */
  addLinked(words: readonly Word[]): void {
    for (const { packageName, name, origin } of linkedVariables(words))
      for (const file of goFilesOf(packageName, this.#snapshot.paths)) {
        if (!this.#isSeen(file, origin, name)) this.#tell(file, linesSetting(packageName, name, this.#text(file)?.content ?? ''), origin)
      }
  }

  /** `lines`: left out, any of them. */
  #tell(file: string, lines: readonly number[] | undefined, origin: FileOrigin): void {
    if (lines?.length === 0 || isTestPath(origin.path) || this.evidence.length >= MOST) return
    const claim: FileChange = { claim: 'file-change', file, ...(lines === undefined ? {} : { lines }) }
    this.evidence.push(evidenceIn(this.#snapshot.context, claim, origin))
  }

  /** Whether a change was looked at before; it is from now on. */
  #isSeen(file: string, { path, span }: FileOrigin, name = ''): boolean {
    const key = `${path}:${span.start.offset}:${file}:${name}`
    return this.#seen.has(key) || this.#seen.add(key) === undefined
  }
}

/** The lines, 1-based, of the variables that are something else in another text of the file, as far as it is known. */
function linesSetOtherwise(before: Text, after: string): readonly number[] {
  const then = readEnvironmentFile(new Text(before.path, after), 'compose').variables
  return [...readEnvironmentFile(before, 'compose').variables].flatMap(([name, { value, origin }]) => {
    const text = knownText(value)
    return text !== undefined && text === knownText(then.get(name)?.value) ? [] : [origin.span.start.line]
  })
}

/** The lines, 1-based, in which one of these texts is. */
function linesWith(texts: readonly string[], content: string): readonly number[] {
  return content.split('\n').flatMap((line, index) => (texts.some((text) => line.includes(text)) ? [index + 1] : []))
}
