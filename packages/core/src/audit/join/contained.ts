import { type Evidence, type FileOrigin, knownText, type Launch, samePlace } from '../../evidence/index.ts'
import { nameOf } from '../../systems/index.ts'
import type { StartFacts } from './facts.ts'
import type { PlannedBind } from './planned.ts'
import type { ServiceRow } from './service.ts'

/** Started in a container, with a network of its own unless it says otherwise. */
export function isContainer(by: Launch['by']): boolean {
  return by === 'compose' || by === 'docker-run' || by === 'dockerfile'
}

/** Whether it runs in a container that has a network of its own. */
export function isContained(facts: StartFacts, launch: Evidence<Launch>): boolean {
  return (isContainer(launch.claim.by) && !sharesHost(facts, launch)) || isManagedInside(facts, launch)
}

/** `network_mode: host`: the container has no network of its own. */
function sharesHost(facts: StartFacts, launch: Evidence<Launch>): boolean {
  return facts.compose.some(
    (service) => service.claim.name === launch.claim.name && service.claim.networkMode === 'host' && samePath(service, launch),
  )
}

function samePath(a: Evidence, b: Evidence): boolean {
  return a.origin.kind === 'file' && b.origin.kind === 'file' && a.origin.path === b.origin.path
}

/** Programs that start others by a file, and that images run to have several programs in one container. */
const KEEPERS: ReadonlySet<string> = new Set(['pm2-runtime', 'pm2-docker', 'supervisord'])

/** What PM2 or supervisord starts by a file that a container of the folder runs it with, and nothing else that was read. */
function isManagedInside(facts: StartFacts, { claim, origin }: Evidence<Launch>): boolean {
  if ((claim.by !== 'pm2' && claim.by !== 'supervisor') || origin.kind !== 'file') return false
  const keepers = facts.launches.filter((other) => other.claim.by !== claim.by && startsFile(other.claim, origin.path))
  const isChosen = facts.choices.some(({ claim: { file } }) => file === origin.path)
  return (
    !isChosen &&
    keepers.some(({ claim }) => programsOf(claim).some((name) => KEEPERS.has(name))) &&
    keepers.every((keeper) => isContainer(keeper.claim.by) && !sharesHost(facts, keeper))
  )
}

/** By its path; where that is in an image, by the name that the copy has. */
function startsFile({ command, configurationFiles = [] }: Launch, path: string): boolean {
  if (!programsOf({ command }).some((name) => name === 'pm2' || KEEPERS.has(name))) return false
  if (configurationFiles.length > 0) return configurationFiles.includes(path)
  return command.slice(1).some((word) => nameOf(knownText(word.text) ?? '') === nameOf(path))
}

/** A program may be called by others: `tini -- pm2-runtime …`. */
const MOST_WRAPPERS = 3

function programsOf({ command }: Pick<Launch, 'command'>): readonly string[] {
  return command.slice(0, MOST_WRAPPERS + 1).map((word) => nameOf(knownText(word.text) ?? ''))
}

/** The command itself, which may be lines away from where its manager's entry begins, or in a script that this one calls. */
export function commandPlace({ claim, origin }: Evidence<Launch>): FileOrigin | undefined {
  const [program] = claim.command
  if (program !== undefined && program.text.kind !== 'absent') return program.text.origin
  return origin.kind === 'file' ? origin : undefined
}

/**
 * A command of a script that a container of the row runs, by its image or by compose: in there it has to bind for others, and what is
 * published decides. A person may call the script too; what another manager or script starts by it is no container's.
 */
export function isOfContainer({ planned }: Pick<ServiceRow, 'planned'>, { launch }: PlannedBind): boolean {
  let commands = CONTAINER_COMMANDS.get(planned)
  if (commands === undefined) {
    commands = new ContainerCommands(planned.flatMap((plan) => (plan.contained && plan.launch !== undefined ? [plan.launch] : [])))
    CONTAINER_COMMANDS.set(planned, commands)
  }
  return launch !== undefined && commands.areThoseOf(launch)
}

/** A row may be started in thousands of ways: what its containers run is gathered once. */
const CONTAINER_COMMANDS = new WeakMap<ServiceRow['planned'], ContainerCommands>()

/** What runs in containers with a network of their own, and the scripts of the folder that come to the same commands. */
export class ContainerCommands {
  readonly #contained: ReadonlySet<Evidence<Launch>>
  readonly #byCommand = new Map<string, Evidence<Launch>[]>()

  constructor(contained: readonly Evidence<Launch>[]) {
    this.#contained = new Set(contained)
    for (const launch of this.#contained) {
      const key = commandKey(launch)
      const same = this.#byCommand.get(key)
      if (same === undefined) this.#byCommand.set(key, [launch])
      else same.push(launch)
    }
  }

  has(launch: Evidence<Launch>): boolean {
    return this.#contained.has(launch)
  }

  /** Whether it is a script's command that a container runs too. */
  isScript(launch: Evidence<Launch>): boolean {
    return !this.has(launch) && this.areThoseOf(launch)
  }

  /** Whether a person who starts it so comes to what a container runs. */
  areThoseOf(launch: Evidence<Launch>): boolean {
    return (this.#byCommand.get(commandKey(launch)) ?? []).some((container) => comesToSame(container, launch))
  }
}

/** What is the same of all that come to one command, however they do. */
export function commandKey(launch: Evidence<Launch>): string {
  const place = commandPlace(launch)
  return place === undefined ? '' : `command ${place.path}:${place.span.start.offset}`
}

/** Whether a person who calls the script comes to the command that the container runs. */
function comesToSame(container: Evidence<Launch>, launch: Evidence<Launch>): boolean {
  const [own, place] = [commandPlace(container), commandPlace(launch)]
  if (own === undefined || place === undefined || !samePlace(own, place)) return false
  return isCalledByHand(launch, [place.path, ...(container.claim.scripts ?? [])])
}

/** Nothing else that was read starts it. `scripts`: those by which the container comes to it. */
function isCalledByHand({ claim: { by }, origin }: Evidence<Launch>, scripts: readonly string[]): boolean {
  return by === 'npm-script' || by === 'makefile' || (by === 'shell' && origin.kind === 'file' && scripts.includes(origin.path))
}
