import type { Daemon } from './daemon.ts'
import { type Listed, variableOf } from './listed.ts'
import type { Part } from './plan.ts'
import { socketsOf, socketText, wantedText } from './sockets.ts'

interface Told {
  readonly daemon: Daemon
  readonly parts: readonly Part[]
  readonly changed: readonly Part[]
  readonly all: readonly Listed[]
  /** The list is saved as it will be. */
  readonly isKept: boolean
  /** What saving it does to the apps of others. */
  readonly beside: readonly string[]
  /** What the ecosystem file of the folder says otherwise. */
  readonly contrary: readonly string[]
}

/** What a person has to know of the change before it is made, a block of lines each. */
export function remarksOf({ daemon, parts, changed, all, isKept, beside, contrary }: Told): readonly string[] {
  const added = changed.filter(({ processes }) => processes.length === 0)
  // What PM2 has given up is tried again with its new definition; only what somebody stopped stays so.
  const restarted = changed.filter(({ processes }) => processes.some(({ status }) => status !== 'stopped'))
  const down = changed.filter((part) => part.processes.length > 0 && !restarted.includes(part))
  const own = new Set(parts.map(({ app }) => app.name))
  const others = [...new Set(all.flatMap(({ name, isModule }) => (isModule || own.has(name) ? [] : [name])))]
  const left = parts.filter((part) => !changed.includes(part))
  const block = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [[title, ...lines.map((line) => `  ${line}`)].join('\n')]
  return [
    ...block('Comes', added.map(comes)),
    ...block('Restarted, under new numbers of PM2’s', restarted.map(named)),
    ...block('Defined anew, and not started, since it is stopped', down.map(named)),
    ...block('Stays as it is', [...left.map(named), ...others.map((name) => `${name}, which the policy does not name`)]),
    ...block(
      'Where they listen',
      [...added, ...restarted].flatMap((part) => listens(part, daemon)),
    ),
    ...block('The ecosystem file says otherwise, and undoes this when it is started; sallyport fix repairs it', contrary),
    ...(isKept ? [] : block('Once confirmed', ['pm2 save', ...beside.map((text) => `  saves also that: ${text}`)])),
  ]
}

const named = ({ app }: Part): string => app.name

function comes({ app, start }: Part): string {
  const words = start === undefined ? '' : `: ${[start.script, ...start.args].join(' ')}, in ${start.cwd}`
  return `${app.name}${words}`
}

/** From the sockets that are there to those that the policy means. */
function listens({ app, processes }: Part, { pid }: Daemon): readonly string[] {
  const sockets =
    socketsOf(
      processes,
      pid,
      new Set([...app.listens.map(({ port }) => port), ...processes.map((process) => Number(variableOf(process, 'PORT')))]),
    ) ?? []
  const now = [...new Set(sockets.map(socketText))]
  const wanted = new Map(app.listens.map((each) => [wantedText(each), each.address]))
  // What it listens on beside that is not the policy's to say, unless it is the port of before.
  const goes = now.filter((text) => !wanted.has(text) && isTold(text, processes))
  return [
    ...goes.map((text) => `- ${text} (${app.name})`),
    ...[...wanted].flatMap(([text, address]) =>
      now.includes(text) ? [] : [`+ ${text} (${app.name})${address === '127.0.0.1' ? '' : ', for whom the packet filter lets in'}`],
    ),
  ]
}

/** The port is the one that the app was told. */
function isTold(text: string, processes: readonly Listed[]): boolean {
  return processes.some((process) => text.endsWith(`:${variableOf(process, 'PORT')}`))
}
