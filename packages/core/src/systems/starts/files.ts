import { Text } from '../../evidence/index.ts'
import { deployedPath, directoriesOf, placesOf } from '../deployed.ts'
import { goBuilds, isBuildFile } from '../go-programs.ts'
import { packageScripts } from '../package-json/scripts.ts'
import { directoryOf, joinPath } from '../paths.ts'
import type { CommandContext, ScriptCall } from '../programs/index.ts'
import type { StartContext } from './start.ts'
import type { FileState, Snapshot } from '../system.ts'

/** Files that are looked at for how programs are built. */
const BUILD_FILES = 60
/** Packages that are looked at for the name of a workspace. */
const WORKSPACES = 200

/** A file's text is the same each time that a reader is asked, and with it what was found in it. */
const TEXTS = new WeakMap<FileState, Text>()

/** A package of the folder, by its package.json. */
export interface Package {
  readonly text: Text
  readonly directory: string
}

/** The files of a folder as commands name them: by where they are started, by where they lie on a machine, by package, by what is built of them. */
export class StartFiles {
  readonly snapshot: Snapshot
  /** Files that were asked for and are not in the snapshot yet. */
  readonly needs = new Set<string>()
  #builds: readonly string[] | undefined

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot
  }

  /** The text of a file of the folder, asked for when it was not seen yet. */
  text(path: string): Text | undefined {
    const state = this.snapshot.file(path)
    if (state === undefined && this.snapshot.paths.has(path)) this.needs.add(path)
    if (state?.kind !== 'text') return undefined
    const before = TEXTS.get(state)
    if (before?.path === path) return before
    const text = new Text(path, state.text)
    TEXTS.set(state, text)
    return text
  }

  /** Whether a file of the folder is in this directory or below it. */
  isDirectory(path: string): boolean {
    return directoriesOf(this.snapshot.paths).has(path)
  }

  /** The file of the folder that an absolute path of the machine means; as it is in a container, whose paths the folder does not have. */
  placed(path: string, { inContainer }: StartContext): string {
    return path.startsWith('/') && inContainer !== true ? (deployedPath(path, this.snapshot.paths) ?? path) : path
  }

  /** Where a command may start: a directory of the machine is what its last names say, or the folder itself. */
  places({
    workingDirectory,
    directories,
    mounts,
    inContainer,
  }: StartContext): readonly Pick<CommandContext, 'workingDirectory' | 'mounts'>[] {
    const common = mounts === undefined ? {} : { mounts }
    if (workingDirectory === undefined) return (directories ?? ['']).map((directory) => ({ ...common, workingDirectory: directory }))
    if (inContainer === true || !workingDirectory.startsWith('/')) return [{ ...common, workingDirectory }]
    const places = new Set([...placesOf(workingDirectory, this.snapshot.paths), ...(directories ?? [])])
    return [...places].map((place) => ({ workingDirectory, mounts: new Map([...(mounts ?? []), [workingDirectory, place]]) }))
  }

  /** The program that a file of this name is built of: as the file that starts it says, those beside it, or any; no answer where they differ. */
  built(name: string, from: string): string | undefined {
    this.#builds ??= [...this.snapshot.paths].filter(isBuildFile).slice(0, BUILD_FILES)
    const found = this.#builds.flatMap((path) => {
      const text = this.text(path)
      return text === undefined ? [] : goBuilds(text, this.snapshot.paths).filter((build) => build.name === name)
    })
    const here = found.filter(({ file }) => file === from)
    const beside = found.filter(({ file }) => directoryOf(file) === directoryOf(from))
    for (const some of [here, beside, found]) {
      const entries = [...new Set(some.map(({ entry }) => entry))]
      if (entries.length > 0) return entries.length === 1 ? entries[0] : undefined
    }
    return undefined
  }

  /** The package.json that a script is of. */
  packageOf(call: ScriptCall | undefined): Package | undefined {
    if (call === undefined) return undefined
    if (call.workspace === undefined) {
      const path = call.directory === undefined ? undefined : joinPath(call.directory, 'package.json')
      const text = path === undefined ? undefined : this.text(path)
      return text === undefined || call.directory === undefined ? undefined : { text, directory: call.directory }
    }
    let asked = 0
    for (const path of this.snapshot.paths) {
      if ((path !== 'package.json' && !path.endsWith('/package.json')) || ++asked > WORKSPACES) continue
      const directory = directoryOf(path)
      const text = this.text(path)
      if (text !== undefined && (directory === call.workspace || packageScripts(text).name === call.workspace)) return { text, directory }
    }
    return undefined
  }
}
