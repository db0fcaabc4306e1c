import type { Daemon } from './daemon.ts'
import type { Listed } from './listed.ts'
import type { Part } from './plan.ts'
import { misplaced, socketsOf, socketText, wantedText } from './sockets.ts'
import { isRunning } from './watch.ts'

export interface Told {
  readonly daemon: Daemon
  readonly parts: readonly Part[]
  readonly changed: readonly Part[]
  readonly all: readonly Listed[]
  /** The list is saved as it will be. */
  readonly isKept: boolean
  /** What saving it does to the apps of others. */
  readonly beside: readonly string[]
}

/** What a person has to know of the change before it is made, a block of lines each. */
export function remarksOf({ daemon, parts, changed, all, isKept, beside }: Told): readonly string[] {
  const added = changed.filter(({ processes }) => processes.length === 0)
  const restarted = changed.filter(({ processes }) => processes.some(isRunning))
  const down = changed.filter(({ processes }) => processes.length > 0 && !processes.some(isRunning))
  const own = new Set(parts.map(({ app }) => app.name))
  const others = [...new Set(all.flatMap(({ name, isModule }) => (isModule || own.has(name) ? [] : [name])))]
  const left = parts.filter((part) => !changed.includes(part))
  const block = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [[title, ...lines.map((line) => `  ${line}`)].join('\n')]
  return [
    ...block('Comes', added.map(comes)),
    ...block('Restarted, under new numbers of PM2’s', restarted.map(named)),
    ...block('Defined anew, and not started, since it does not run', down.map(named)),
    ...block('Stays as it is', [...left.map(named), ...others.map((name) => `${name}, which the policy does not name`)]),
    ...block(
      'Where they listen',
      [...added, ...restarted].flatMap((part) => listens(part, daemon)),
    ),
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
  const sockets = socketsOf(processes, pid, new Set(app.listens.map(({ port }) => port))) ?? []
  const wrong = misplaced(app, sockets)
  const now = wrong.length === 0 && sockets.length > 0 ? [] : [...new Set(sockets.map(socketText))]
  const wanted = app.listens.map(wantedText)
  if (app.listens.length === 0) return []
  const goes = now.filter((text) => !wanted.includes(text))
  return [
    ...goes.map((text) => `- ${text} (${app.name})`),
    ...app.listens
      .filter((each) => !sockets.map(socketText).includes(wantedText(each)))
      .map((each) => `+ ${wantedText(each)} (${app.name})${each.address === '127.0.0.1' ? '' : ', for whom the packet filter lets in'}`),
  ]
}
