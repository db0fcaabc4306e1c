import type { Bind, EnvironmentLoad, Evidence, Launch, Setting, Surroundings } from '../../evidence/index.ts'
import { directoryOf } from '../../systems/index.ts'
import { sourceTwins, type StartFacts } from './facts.ts'

/** What the program finds set: the launch's own variables, then those of files that the launch or the code loads. */
export function surroundingsOf(facts: StartFacts, launch: Evidence<Launch>): Surroundings {
  const environment = new Map<string, Setting>(launch.claim.environment)
  addFiles(environment, facts, launch.claim.environmentFiles, '')
  const { entry, workingDirectory = '' } = launch.claim
  for (const load of facts.loads) {
    if (entry === undefined || ![entry, ...sourceTwins(entry)].some((path) => load.claim.entries.includes(path))) continue
    addFiles(environment, facts, filesOf(load.claim), workingDirectory, load.claim.overrides)
  }
  const { unseenEnvironment: unseen } = launch.claim
  return { environment, arguments: launch.claim.arguments ?? new Map(), ...(unseen === undefined ? {} : { unseen }) }
}

/** What code finds set that nothing is known to start: the files that it loads itself. */
export function surroundingsOfCode(facts: StartFacts, bind: Evidence<Bind>): Surroundings {
  const environment = new Map<string, Setting>()
  for (const load of facts.loads)
    if (shares(load.claim.entries, bind.claim.entries))
      addFiles(environment, facts, filesOf(load.claim), directoryOf(bind.claim.entries[0] ?? ''))
  return { environment, arguments: new Map() }
}

/** A variable that is set already stays, unless the loader says that files win. */
function addFiles(
  environment: Map<string, Setting>,
  facts: StartFacts,
  files: readonly string[],
  directory: string,
  overrides = false,
): void {
  for (const file of files) {
    const path = [directory, file.replace(/^\.\//, '')].filter((part) => part !== '').join('/')
    for (const item of facts.variables) {
      if (item.claim.file !== path || item.origin.kind !== 'file') continue
      if (overrides || !environment.has(item.claim.name)) environment.set(item.claim.name, { value: item.claim.value, origin: item.origin })
    }
  }
}

function filesOf(load: EnvironmentLoad): readonly string[] {
  return load.files.flatMap((file) => (file.kind === 'known' ? [String(file.value)] : []))
}

function shares(a: readonly string[], b: readonly string[]): boolean {
  return a.some((path) => b.includes(path))
}
