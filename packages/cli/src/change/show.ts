import { type Finding } from '@sallyport/core/audit'
import { show } from '@sallyport/core/evidence'
import pico from 'picocolors'
import { placeText } from '../report/words.ts'
import { columns, wrap } from '../report/wrap.ts'
import { diffTexts, type Hunk } from './diff.ts'
import type { Left, Offer } from './repairs.ts'

export interface FileDiff {
  readonly path: string
  /** There was no such file. */
  readonly isNew: boolean
  /** There is to be none. */
  readonly isGone: boolean
  readonly hunks: readonly Hunk[]
}

/** What an offer makes of each file that it changes, upon the offers before it. */
export function fileDiffs({ before, after }: Pick<Offer, 'before' | 'after'>): readonly FileDiff[] {
  return [...after.changed].flatMap(([path, text]) => {
    const state = before.file(path)
    const old = state.kind === 'text' ? state.text : ''
    return old === text ? [] : [{ path, isNew: state.kind !== 'text', isGone: false, hunks: diffTexts(path, old, text) }]
  })
}

const COLORS = { same: 'reset', gone: 'red', new: 'green' } as const
const SIGNS = { same: ' ', gone: '-', new: '+' } as const

export type Colors = ReturnType<typeof pico.createColors>

export function colorsFor(color: boolean): Colors {
  return pico.createColors(color && process.env['NO_COLOR'] === undefined && process.stdout.isTTY === true)
}

/** Findings, the diff that cures them, and what is to be known of it. */
export function offerText({ repair, ...offer }: Offer, colors: Colors): string {
  const lines = [
    ...repair.findings.flatMap((finding) => findingLines(finding, colors)),
    '',
    ...fileDiffs(offer).map((diff) => diffText(diff, colors)),
    ...(offer.partly === undefined ? [] : wrap(`note: only in part, the rest is left: ${show(offer.partly, NOTE_LENGTH)}`, 2, columns())),
    ...offer.notes.flatMap((note) => wrap(`note: ${show(note, NOTE_LENGTH)}`, 2, columns())),
  ]
  return `${lines.join('\n')}\n`
}

const NOTE_LENGTH = 400

function findingLines({ severity, rule, message }: Finding, colors: Colors): readonly string[] {
  return [`${colors.bold(rule)} (${severity})`, ...wrap(show(message, NOTE_LENGTH), 2, columns())]
}

/** As diff(1) -u, with the first line of each part at its place. */
export function diffText({ path, isNew, isGone, hunks }: FileDiff, colors: Colors): string {
  const name = show(path)
  const said = isNew ? ' (new)' : isGone ? ' (removed)' : ''
  const parts = hunks.flatMap(({ oldLine, newLine, lines }) => {
    const counts = { old: lines.filter(({ kind }) => kind !== 'new').length, now: lines.filter(({ kind }) => kind !== 'gone').length }
    return [
      colors.cyan(`  @@ -${oldLine},${counts.old} +${newLine},${counts.now} @@ ${name}:${firstChange(oldLine, lines)}`),
      ...lines.map(({ kind, text }) => colors[COLORS[kind]](`  ${SIGNS[kind]}${text}`)),
    ]
  })
  return [`  ${colors.bold(`${name}${said}`)}`, ...parts, ''].join('\n')
}

/** The line of the old text at which something is otherwise. */
function firstChange(oldLine: number, lines: Hunk['lines']): number {
  const at = lines.findIndex(({ kind }) => kind !== 'same')
  return oldLine + Math.max(at, 0)
}

/** What no edit cures, each with why not and what to do instead. */
export function leftText(left: readonly Left[], colors: Colors): string {
  if (left.length === 0) return ''
  const lines = left.flatMap(({ finding, why }) => {
    const place = finding.places.find(({ origin }) => origin.kind === 'file')
    return [
      ...findingLines(finding, colors),
      ...(place === undefined ? [] : [`  ${placeText(place.origin)}`]),
      ...(why === '' ? [] : wrap(`not edited: ${show(why, NOTE_LENGTH)}`, 2, columns())),
      ...wrap(`by hand: ${show(finding.fix, NOTE_LENGTH)}`, 2, columns()),
      '',
    ]
  })
  return `${colors.bold('Left to do by hand')}\n\n${lines.join('\n')}`
}
