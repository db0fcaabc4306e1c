import { type Bind, type Evidence, type Launch, type Surroundings, type Unseen, unseenFile } from '../../evidence/index.ts'
import { directoryOf, sourceTwins } from '../../systems/index.ts'
import type { StartFacts } from './facts.ts'
import { fileLoaded, LoadedEnvironment, type LoadedFile, loadedFiles } from './loaded.ts'

/** What the program finds set: the launch's own variables, then those of files that the launch or the code loads. */
export function surroundingsOf(facts: StartFacts, launch: Evidence<Launch>): Surroundings {
  const { entry, configurationFiles = [] } = launch.claim
  return loadedBy([...(entry === undefined ? [] : [entry, ...sourceTwins(entry)]), ...configurationFiles], facts, launch)
}

/**
 * What a program finds set that runs the code as an application, and has read its own words, variables and configuration by then: of what is
 * loaded that of its configuration alone, which is code that it runs.
 */
export function surroundingsOfCommand(facts: StartFacts, launch: Evidence<Launch>): Surroundings {
  return loadedBy(launch.claim.configurationFiles ?? [], facts, launch)
}

function loadedBy(run: readonly string[], facts: StartFacts, launch: Evidence<Launch>): Surroundings {
  const environment = new LoadedEnvironment(launch.claim.environment)
  const { workingDirectory = '', arguments: given = new Map(), environmentFiles, runnerFiles = [], absentFiles = [] } = launch.claim
  let { unseenEnvironment: unseen } = launch.claim
  const files = [
    ...environmentFiles.map((path) => fileLoaded(path.replace(/^\.\//, ''), true)),
    ...runnerFiles.filter((path) => !absentFiles.includes(path)).map((path) => fileLoaded(path, false)),
  ]
  addFiles(environment, facts, files, unseen)
  const before = { environment: new Map(environment.variables), arguments: given, ...(unseen === undefined ? {} : { unseen }) }
  for (const { claim } of facts.loads) {
    if (!run.some((path) => claim.entries.includes(path))) continue
    const loaded = loadedFiles(claim, workingDirectory, { environment: environment.variables, arguments: given }, facts.variables)
    const files = loaded.files.filter(({ path }) => !absentFiles.includes(path))
    addFiles(environment, facts, files, unseen, claim.overrides)
    unseen ??= loaded.unseen
  }
  unseen ??= unseenImport(facts, run)
  return { environment: environment.variables, arguments: given, before, ...(unseen === undefined ? {} : { unseen }) }
}

/** Code that is not there, and is run for what it does: it may set variables. */
function unseenImport({ missing }: StartFacts, run: readonly string[]): Unseen | undefined {
  const found = run.map((path) => missing.get(path)).find((item) => item?.claim.isForEffect)
  return found?.origin.kind === 'file' ? unseenFile(found.origin) : undefined
}

/** What code finds set that nothing is known to start: the files that it loads itself. */
export function surroundingsOfCode(facts: StartFacts, bind: Evidence<Bind>): Surroundings {
  const environment = new LoadedEnvironment(new Map())
  const nothing = { environment: new Map(), arguments: new Map() }
  let unseen: Unseen | undefined
  for (const { claim } of facts.loads) {
    if (!shares(claim.entries, bind.claim.entries)) continue
    const loaded = loadedFiles(claim, directoryOf(bind.claim.entries[0] ?? ''), nothing, facts.variables)
    addFiles(environment, facts, loaded.files, unseen, claim.overrides)
    unseen ??= loaded.unseen
  }
  unseen ??= unseenImport(facts, bind.claim.entries)
  return { environment: environment.variables, arguments: new Map(), ...(unseen === undefined ? {} : { unseen }) }
}

/** A variable that is set already stays, unless the loader says that files win: `unseen` may have set any. */
function addFiles(
  environment: LoadedEnvironment,
  facts: StartFacts,
  files: readonly LoadedFile[],
  unseen: Unseen | undefined,
  overrides = false,
): void {
  for (const { path, outcomes } of files)
    for (const item of facts.variables) if (item.claim.file === path) environment.add(item, outcomes, overrides, unseen)
}

function shares(a: readonly string[], b: readonly string[]): boolean {
  return a.some((path) => b.includes(path))
}
