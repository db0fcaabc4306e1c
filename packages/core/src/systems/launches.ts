import type { FileOrigin, Launch, LaunchKind } from '../evidence/index.ts'
import { kept } from './secret.ts'
import type { Start } from './starts.ts'

/** Whether a start is one of a server as far as it can be told: it says where it listens, or runs a file of the folder. */
export function startsSomething(start: Start): boolean {
  return start.reading.serves !== undefined || start.reading.entry !== undefined
}

/** Starts of one service that are kept. */
const MAIN = 50

/** Of what the commands of a service come to start: the servers, or where none is known the last, which is what stays running. */
export function mainStarts(found: readonly Start[]): readonly Start[] {
  const servers = found.filter(startsSomething).slice(0, MAIN)
  return servers.length > 0 ? servers : found.slice(-1)
}

/** The launches that a start is: one for each place where it listens. */
export function launchesOf(
  start: Start,
  by: LaunchKind,
  name: string,
  more: { readonly environmentName?: string; readonly instances?: number; readonly unseenEnvironment?: FileOrigin } = {},
): readonly Launch[] {
  const { reading } = start
  const base: Launch = {
    claim: 'launch',
    by,
    name,
    command: start.words.map(({ text, shown }) => ({ text: text.kind === 'absent' ? text : kept('', text, text.origin), shown })),
    ...(reading.entry === undefined ? {} : { entry: reading.entry }),
    ...(start.workingDirectory === undefined ? {} : { workingDirectory: start.workingDirectory }),
    environment: start.environment,
    environmentFiles: [...new Set(start.environmentFiles)],
    ...(reading.arguments.size === 0 ? {} : { arguments: reading.arguments }),
    ...(reading.configurationFiles.length === 0 ? {} : { configurationFiles: reading.configurationFiles }),
    ...(more.unseenEnvironment === undefined ? {} : { unseenEnvironment: more.unseenEnvironment }),
    ...(more.environmentName === undefined ? {} : { environmentName: more.environmentName }),
    instances: more.instances ?? 1,
  }
  const binds = [...(reading.serves === undefined ? [] : [reading.serves]), ...reading.alsoServes]
  return binds.length === 0 ? [base] : binds.map((serves) => ({ ...base, serves }))
}
