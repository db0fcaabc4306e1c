import {
  type Change,
  type Claim,
  type Evidence,
  type FileOrigin,
  type GapEffect,
  type NamespaceId,
  type Origin,
  printable,
  type Standing,
} from '../evidence/index.ts'
import type { Editor } from './edit.ts'
import type { Passage } from './passage.ts'

/** What the collector found at a path. Absent, denied and too large are values, not errors: the reader says what they leave undecided. */
export type FileState =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'denied' }
  /** `beginning`: its first characters. */
  | { readonly kind: 'too-large'; readonly bytes: number; readonly beginning?: string }
  /** `script`: it begins with `#!` all the same. */
  | { readonly kind: 'not-text'; readonly reason: string; readonly script?: true }
  | { readonly kind: 'not-a-file'; readonly what: string }

/**
 * What a reader is handed. It never opens a file: it returns the paths and globs that it still needs, and is called again
 * with a snapshot that has them.
 */
export interface Snapshot {
  /** The files that match what the system said it reads, and pass its prefilter; relative to the folder, `/` between names. */
  readonly matched: readonly string[]
  /** Every file of the folder that git would keep (not ignored, no dependency folders). */
  readonly paths: ReadonlySet<string>
  /** `undefined`: not looked at yet; name it in `needs`. */
  file(path: string): FileState | undefined
  /** The paths that match a shell glob (`*`, `?`, `[…]`), sorted as glob(3) does. `undefined`: not looked at yet; name it in `globs`. */
  glob(pattern: string): readonly string[] | undefined
  readonly context: Context
}

/** What every piece of evidence of this reading has in common. */
export interface Context {
  readonly host: string
  readonly standing: Standing
  readonly capturedAt: number
  readonly namespace?: NamespaceId
}

export interface Reading {
  readonly evidence: readonly Evidence[]
  readonly needs: readonly string[]
  readonly globs: readonly string[]
  /** Files that the scripts which were read write when they are run. */
  readonly written?: readonly ScriptedFile[]
}

/** A file that a script writes. */
export interface ScriptedFile {
  /** As if it were in the folder. */
  readonly path: string
  /** What it writes, with the places of the script; `…` stands for what is not known of it. */
  readonly passage: Passage
  /** The first place that is not known. */
  readonly unknown?: FileOrigin
}

/** A node of a concrete syntax tree: the part of a tree-sitter node that readers use. */
export interface SyntaxNode {
  kind(): string
  text(): string
  range(): { readonly start: { readonly index: number }; readonly end: { readonly index: number } }
  children(): SyntaxNode[]
  field(name: string): SyntaxNode | null
  parent(): SyntaxNode | null
  isNamed(): boolean
}

export type SourceLanguage = 'javascript' | 'typescript' | 'tsx' | 'python' | 'go'

/** What a reader may use and cannot bring itself, since core does no I/O and loads nothing native. */
export interface Tools {
  /** `undefined`: no parser for the language on this machine, or none that would end. Never throws on malformed source: the tree has ERROR nodes. */
  parseSource(language: SourceLanguage, text: string): SyntaxNode | undefined
}

/** Which files a system reads. A file matches when its path matches `path` and, where given, its text matches `contains`. */
export interface FilePattern {
  readonly path: RegExp
  /** Tried on the text before any parser is loaded; has to be cheap and may be too generous. */
  readonly contains?: RegExp
  /** A file that cannot be read does not match: most by such a path are something else. Without it, that it was not read is told. */
  readonly ifReadable?: true
  /** One that is too large to be read and begins so is no such other: it matches, and that it was not read is told. */
  readonly begins?: RegExp
  /** Its first line says what it is: what is no text and does not begin with `#!` is something else. */
  readonly script?: true
}

export interface Reader {
  read(snapshot: Snapshot, tools: Tools): Reading
}

/** A running program that may have been given other files. */
export interface MachineProgram {
  /** Of its process (comm). */
  readonly name: string
  /** Those that name a file, each as often as it is given: `-f FILE`, `--config=FILE`. */
  readonly options: readonly string[]
  /** What it reads in its working directory where no option names a file. */
  readonly here?: string
}

/** Files of the machine itself, outside any folder that is looked at. */
export interface MachineFiles {
  /** Absolute paths. */
  readonly paths: readonly string[]
  readonly program?: MachineProgram
  /** What one of them that cannot be read leaves open. Absent: what a proxy forwards to. */
  readonly affects?: GapEffect
}

/** Something outside that Sallyport reads. Adding one is adding a folder and a line in `index.ts`. */
export interface System {
  /** Stable, lower case: `nginx`, `compose`. */
  readonly name: string
  readonly title: string
  readonly reads: readonly FilePattern[]
  /** Whether its files are also looked for in what scripts write. */
  readonly writtenByScripts?: true
  /** Where it keeps its configuration on a machine; absent for what only folders hold. */
  readonly machine?: MachineFiles
  /** Loaded only when a file matches. */
  load(): Promise<Reader>
  /** Absent: its files are left to people. */
  readonly edits?: Edits
}

/** What can be made to hold of the files that a system reads: of a file that several systems read, the first that has the change. */
export interface Edits {
  readonly changes: readonly Change['change'][]
  /** Loaded only when such a change is wanted. */
  load(): Promise<Editor>
}

/** Evidence from the reading's context. */
export function evidenceIn<C extends Claim>(context: Context, claim: C, origin: Origin, environment?: string): Evidence<C> {
  return {
    claim: fitToBeShown(claim),
    origin,
    standing: context.standing,
    host: context.host,
    capturedAt: context.capturedAt,
    ...(context.namespace === undefined ? {} : { namespace: context.namespace }),
    ...(environment === undefined ? {} : { environment }),
  }
}

/** Fields that reports print as they are, in the words of whoever wrote the file. */
const NAMES: readonly string[] = ['name', 'project', 'image', 'environmentName', 'what']

/** A name may hold anything where its format has quotes: escape sequences and line ends are written out before anything else sees it. */
function fitToBeShown<C extends Claim>(claim: C): C {
  const changed = Object.entries(claim).flatMap(([key, value]: [string, unknown]): (readonly [string, string])[] => {
    const shown = typeof value === 'string' && NAMES.includes(key) ? printable(value) : value
    return shown === value ? [] : [[key, shown as string]]
  })
  return changed.length === 0 ? claim : { ...claim, ...Object.fromEntries(changed) }
}
