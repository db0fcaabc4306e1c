import type { Move, PlaceRole } from '@sallyport/core/audit'
import { type FileOrigin, show } from '@sallyport/core/evidence'
import { diffTexts } from '../change/diff.ts'
import { type Colors, diffText } from '../change/show.ts'
import { counted, placeText } from './words.ts'
import { columns, wrap } from './wrap.ts'

/** What is moved, and what came of it. */
export interface Moving {
  readonly service: string
  readonly from: number
  readonly to: number
  readonly move: Move
  /** The files with their old and new texts. */
  readonly texts: readonly { readonly path: string; readonly from: string; readonly to: string }[]
  /** What else is to be known. */
  readonly notes: readonly string[]
  /** Why the service would not be on the new port, as far as its files tell. */
  readonly doubts: readonly string[]
}

/** So many places that stay are named. */
const MOST_LEFT = 60

export function moveText({ service, from, to, move, texts, notes, doubts }: Moving, colors: Colors): string {
  const left = move.left.slice(0, MOST_LEFT).map(({ origin, why }) => `  ${placeText(origin)}  ${show(why, 200)}`)
  const more = move.left.length > MOST_LEFT ? [`  and ${move.left.length - MOST_LEFT} more`] : []
  return [
    colors.bold(`${show(service)}: ${from} → ${to}, ${counted(move.changed.length, 'place')} in ${counted(texts.length, 'file')}`),
    '',
    ...texts.map(({ path, from: before, to: after }) =>
      diffText({ path, isNew: false, isGone: false, hunks: diffTexts(path, before, after) }, colors),
    ),
    ...(left.length === 0 ? [] : [colors.bold(`Left: ${from} that is not this port, or for people`), ...left, ...more, '']),
    ...(move.elsewhere.length === 0
      ? []
      : [
          colors.bold('To change elsewhere'),
          ...move.elsewhere.flatMap((item) => [
            `  ${show(item.what)}: ${show(item.where, 200)}`,
            `    ${show(item.from, 400)} → ${show(item.to, 400)}`,
          ]),
          '',
        ]),
    ...[...notes, ...doubts].flatMap((note) => wrap(`note: ${show(note, 400)}`, 0, columns())),
  ]
    .join('\n')
    .concat('\n')
}

const at = (origin: FileOrigin): string => placeText(origin)

/** For programs. `version` changes when something in it does. */
export function moveData({ service, from, to, move, notes, doubts }: Moving, written: boolean): object {
  return {
    version: 1,
    service,
    from,
    to,
    written,
    changed: move.changed.map(({ origin, role }: { readonly origin: FileOrigin; readonly role: PlaceRole }) => ({
      place: at(origin),
      role,
    })),
    left: move.left.map(({ origin, why }) => ({ place: at(origin), why: show(why, 200) })),
    elsewhere: move.elsewhere.map((item) => ({
      what: show(item.what),
      where: show(item.where, 200),
      from: show(item.from, 400),
      to: show(item.to, 400),
    })),
    notes,
    doubts,
  }
}
