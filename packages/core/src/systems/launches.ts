import type { Launch, LaunchKind, Unseen } from '../evidence/index.ts'
import { kept } from './secret.ts'
import type { Start } from './starts/index.ts'

/** Whether a start is one of a server as far as it can be told: it says where it listens, or runs a file of the folder. */
export function startsSomething({ reading: { serves, entry, debuggers } }: Start): boolean {
  return serves !== undefined || entry !== undefined || debuggers.length > 0
}

/** Starts of one service that are kept. */
const MAIN = 50

/** Of what the commands of a service come to start: the servers, or where none is known the last, which is what stays running. */
export function mainStarts(found: readonly Start[]): readonly Start[] {
  const servers = found.filter(startsSomething).slice(0, MAIN)
  return servers.length > 0 ? servers : found.slice(-1)
}

/** The launches that a start is: one for each place where it listens; one more for what its code binds where only its debugger's place is told. */
export function launchesOf(
  start: Start,
  by: LaunchKind,
  name: string,
  more: {
    readonly environmentName?: string
    readonly instances?: number
    readonly unseenEnvironment?: Unseen
    readonly runnerFiles?: readonly string[]
    readonly absentFiles?: readonly string[]
  } = {},
): readonly Launch[] {
  const { reading } = start
  const unseen = start.unseenEnvironment ?? more.unseenEnvironment
  const base: Launch = {
    claim: 'launch',
    by,
    name,
    command: start.words.map((word) => ({
      ...word,
      text: word.text.kind === 'absent' ? word.text : kept('', word.text, word.text.origin),
    })),
    ...(start.scripts.length === 0 ? {} : { scripts: start.scripts }),
    ...(reading.entry === undefined ? {} : { entry: reading.entry }),
    ...(reading.entry === undefined || reading.program === undefined ? {} : { runtime: reading.program }),
    ...(start.builtOf === undefined ? {} : { builtOf: start.builtOf }),
    ...(start.missing === undefined ? {} : { missing: start.missing }),
    ...(start.meant === undefined ? {} : { meant: start.meant }),
    ...(start.workingDirectory === undefined ? {} : { workingDirectory: start.workingDirectory }),
    environment: start.environment,
    environmentFiles: [...new Set(start.environmentFiles)],
    ...(more.runnerFiles === undefined || more.runnerFiles.length === 0 ? {} : { runnerFiles: more.runnerFiles }),
    ...(more.absentFiles === undefined || more.absentFiles.length === 0 ? {} : { absentFiles: more.absentFiles }),
    ...(reading.arguments.size === 0 ? {} : { arguments: reading.arguments }),
    ...(reading.configurationFiles.length === 0 ? {} : { configurationFiles: reading.configurationFiles }),
    ...(unseen === undefined ? {} : { unseenEnvironment: unseen }),
    ...(more.environmentName === undefined ? {} : { environmentName: more.environmentName }),
    instances: more.instances ?? 1,
  }
  const { serves, alsoServes, debuggers } = reading
  const own = serves === undefined ? [base] : [serves, ...alsoServes].map((bind) => ({ ...base, serves: bind }))
  return [...own, ...debuggers.map((bind) => ({ ...base, serves: bind }))]
}
