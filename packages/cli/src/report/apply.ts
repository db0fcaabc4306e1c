import { printable, show } from '@sallyport/core/evidence'
import { formatAddress } from '@sallyport/core/network'
import type { Applier } from '../apply/application.ts'
import type { Foreseen } from '../apply/filters.ts'
import type { Rehearsed } from '../apply/rehearse.ts'
import { differing, textOf } from '../apply/rules.ts'
import type { Fate } from '../apply/trial.ts'
import { showLines } from '../failure.ts'
import { differenceTexts } from './diff.ts'

/** The words of `sallyport apply`. */

/** What would change, before anything does: the rules, who can reach what by them, and what becomes of those who are at work. */
export function planText({ application, before, after, fates }: Rehearsed, foreseen: Foreseen | undefined): string {
  // Of rules the order counts, of settings it does not.
  const lines = application.compared === undefined ? changedLines : otherLines
  const tables = differing(before, after).map((key) => [key, ...lines(textOf(before, key), textOf(after, key))].join('\n'))
  const reach = foreseen === undefined ? [] : [...differenceTexts(foreseen.differences, foreseen.before, foreseen.after), NOT_YET]
  const connections = fates.length === 0 ? [] : [['Kept', ...fates.map((fate) => `  ${fateText(fate)}`)].join('\n')]
  const remarks = (application.remarks ?? []).map((text) => showLines(text))
  return `${[...tables, ...reach, ...connections, ...remarks].join('\n\n')}\n`
}

/** What is computed is who reaches the sockets there are. */
const NOT_YET = 'What does not listen now was not looked at: the rules above decide who will reach it.'

/** The lines that only one of both has. */
function otherLines(before: string, after: string): readonly string[] {
  const [old, now] = [before, after].map((text) => text.split('\n').filter((line) => line !== ''))
  if (old === undefined || now === undefined) return []
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `  - ${show(line)}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `  + ${show(line)}`),
  ]
}

/** So many lines of a table are shown, each way. */
const MOST_LINES = 200

/** Between what both begin and end with, what goes and what comes. */
function changedLines(before: string, after: string): readonly string[] {
  const [old, now] = [before, after].map((text) => text.split('\n').filter((line) => line.trim() !== ''))
  if (old === undefined || now === undefined) return []
  let first = 0
  while (first < old.length && first < now.length && old[first] === now[first]) first++
  let last = 0
  while (last < old.length - first && last < now.length - first && old.at(-1 - last) === now.at(-1 - last)) last++
  const shown = (lines: readonly string[], sign: string): readonly string[] => {
    const changed = lines.slice(first, lines.length - last)
    const rest = changed.length - MOST_LINES
    return [
      ...changed.slice(0, MOST_LINES).map((line) => `  ${sign} ${show(line)}`),
      ...(rest > 0 ? [`  ${sign} … ${rest} lines more`] : []),
    ]
  }
  return [...shown(old, '-'), ...shown(now, '+')]
}

const OPEN: Readonly<Record<Fate['open'], string>> = {
  stays: 'stays',
  cut: 'WOULD BE CUT',
  untried: 'could not be tried: it cannot be made as things are',
}

/** `your SSH session, from 198.51.100.7 to port 22: stays, and can be made anew` */
export function fateText({ connection: { what, client, port }, open, anew }: Fate): string {
  const next = open === 'untried' ? '' : anew ? ', and can be made anew' : ', and could NOT BE MADE ANEW'
  return `${what}, from ${printable(formatAddress(client))} to port ${port}: ${OPEN[open]}${next}`
}

/** What has to be seen before it is confirmed. */
const LOOK: Readonly<Record<Applier['changes'], string>> = {
  filter: 'Open a new connection to this machine, to see that you still can, and run there:',
  files: 'Open a new connection to this machine, to see that you still can, and run there:',
  apps: 'See that your services do what they should, then run, as the same user:',
}

export function appliedText(seconds: number, changes: Applier['changes']): string {
  return [
    `Applied. It is taken back in ${seconds} seconds, unless you confirm it.`,
    LOOK[changes],
    '',
    '  sallyport apply --confirm',
    '',
  ].join('\n')
}

export function waitingText(system: string, seconds: number): string {
  return `${system}: applied, and taken back in ${seconds} seconds unless sallyport apply --confirm comes first`
}
