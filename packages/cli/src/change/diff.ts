import { printable, show, SHOWN_LENGTH, Text } from '@sallyport/core/evidence'

/** A run of lines, as a unified diff has them. */
export interface Hunk {
  /** 1-based. */
  readonly oldLine: number
  readonly newLine: number
  readonly lines: readonly DiffLine[]
}

export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new'
  /** Fit to be shown: secrets redacted, indentation kept. */
  readonly text: string
}

/** Lines around a change. */
const AROUND = 2
/** A text that differs in more lines is shown as wholly other from there on. */
const MOST_STEPS = 2_000

/** What differs between two texts of a file, line by line. */
export function diffTexts(path: string, before: string, after: string): readonly Hunk[] {
  const [old, now] = [new Text(path, before), new Text(path, after)]
  const [oldLines, newLines] = [linesOf(old), linesOf(now)]
  const steps = alignedLines(oldLines, newLines)
  const cuts = longCuts(steps, old, now)
  const hunks: { oldLine: number; newLine: number; lines: DiffLine[]; last: number }[] = []
  steps.forEach(({ kind, from, to }, index) => {
    const near = steps.slice(Math.max(0, index - AROUND), index + AROUND + 1).some((step) => step.kind !== 'same')
    if (!near) return
    const text = kind === 'gone' ? shownLine(old, from + 1, cuts.get(index)) : shownLine(now, to + 1, cuts.get(index))
    const hunk = hunks.at(-1)
    if (hunk?.last === index - 1) {
      hunk.lines.push({ kind, text })
      hunk.last = index
    } else hunks.push({ oldLine: from + 1, newLine: to + 1, lines: [{ kind, text }], last: index })
  })
  return hunks.map(({ oldLine, newLine, lines }) => ({ oldLine, newLine, lines }))
}

/** With their endings, so that one that has another ending differs. */
function linesOf({ content, lineStarts }: Text): readonly string[] {
  const lines = lineStarts.map((start, index) => content.slice(start, lineStarts[index + 1] ?? content.length))
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** So much of a long line stands before what differs in it, in UTF-16 code units of what is shown. */
const BEFORE = 60

/** Of the lines that are too long to be shown whole, where each is cut so that what differs from its other form can be seen; by step. */
function longCuts(steps: readonly Step[], old: Text, now: Text): ReadonlyMap<number, number> {
  const cuts = new Map<number, number>()
  for (let start = 0; start < steps.length; start++) {
    if (steps[start]?.kind === 'same') continue
    let end = start
    while (end < steps.length && steps[end]?.kind !== 'same') end++
    const indexes = Array.from({ length: end - start }, (_, index) => start + index)
    const news = indexes.filter((index) => steps[index]?.kind === 'new')
    for (const [nth, gone] of indexes.filter((index) => steps[index]?.kind === 'gone').entries()) {
      const added = news[nth]
      if (added === undefined) continue
      const cutAt = firstDifference(old, (steps[gone]?.from ?? 0) + 1, now, (steps[added]?.to ?? 0) + 1) - BEFORE
      if (cutAt > 0) for (const index of [gone, added]) cuts.set(index, cutAt)
    }
    start = end
  }
  return cuts
}

/** Of two lines as they are shown; 0 where both can be seen whole. */
function firstDifference(old: Text, oldLine: number, now: Text, newLine: number): number {
  if (Math.max(old.line(oldLine).length, now.line(newLine).length) <= SHOWN_LENGTH) return 0
  const [before, after] = [old.shownWhole(oldLine), now.shownWhole(newLine)]
  let at = 0
  while (at < before.length && before[at] === after[at]) at++
  return at === before.length && at === after.length ? 0 : at
}

/** The secrets of a line are known by those above it. `from`: what is left out at its beginning. */
function shownLine(text: Text, number: number, from = 0): string {
  if (from > 0) return show(`…${text.shownWhole(number).slice(from)}`)
  const indent = /^[ \t]*/.exec(text.line(number))?.[0] ?? ''
  return `${printable(indent.replaceAll('\t', '  '))}${text.lineOrigin(number).line}`
}

interface Step {
  readonly kind: DiffLine['kind']
  /** 0-based, of the old and the new lines. */
  readonly from: number
  readonly to: number
}

function alignedLines(old: readonly string[], now: readonly string[]): readonly Step[] {
  let head = 0
  while (head < old.length && head < now.length && old[head] === now[head]) head++
  let tail = 0
  while (tail < old.length - head && tail < now.length - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++
  const middle = shortestScript(old.slice(head, old.length - tail), now.slice(head, now.length - tail))
  const same = (count: number, from: number, to: number): readonly Step[] =>
    Array.from({ length: count }, (_, index) => ({ kind: 'same', from: from + index, to: to + index }))
  return [
    ...same(head, 0, 0),
    ...middle.map((step) => ({ ...step, from: step.from + head, to: step.to + head })),
    ...same(tail, old.length - tail, now.length - tail),
  ]
}

/** Myers, An O(ND) Difference Algorithm (1986): the furthest point on each diagonal, step by step, and the way back. */
function shortestScript(old: readonly string[], now: readonly string[]): readonly Step[] {
  const trace: Map<number, number>[] = []
  let furthest = new Map<number, number>([[1, 0]])
  for (let distance = 0; distance <= Math.min(old.length + now.length, MOST_STEPS); distance++) {
    trace.push(new Map(furthest))
    const next = new Map(furthest)
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      let x = isDown(furthest, diagonal, distance) ? (furthest.get(diagonal + 1) ?? 0) : (furthest.get(diagonal - 1) ?? 0) + 1
      while (x < old.length && x - diagonal < now.length && x - diagonal >= 0 && old[x] === now[x - diagonal]) x++
      next.set(diagonal, x)
      if (x >= old.length && x - diagonal >= now.length) return wayBack(trace, old.length, now.length)
    }
    furthest = next
  }
  return [
    ...old.map((_, from): Step => ({ kind: 'gone', from, to: 0 })),
    ...now.map((_, to): Step => ({ kind: 'new', from: old.length, to })),
  ]
}

function isDown(furthest: ReadonlyMap<number, number>, diagonal: number, distance: number): boolean {
  return diagonal === -distance || (diagonal !== distance && (furthest.get(diagonal - 1) ?? 0) < (furthest.get(diagonal + 1) ?? 0))
}

function wayBack(trace: readonly ReadonlyMap<number, number>[], oldLength: number, newLength: number): readonly Step[] {
  const steps: Step[] = []
  let [x, y] = [oldLength, newLength]
  for (let distance = trace.length - 1; distance >= 0; distance--) {
    const furthest = trace[distance] ?? new Map<number, number>()
    const diagonal = x - y
    const before = isDown(furthest, diagonal, distance) ? diagonal + 1 : diagonal - 1
    const [fromX, fromY] = [furthest.get(before) ?? 0, (furthest.get(before) ?? 0) - before]
    while (x > fromX && y > fromY && x > 0 && y > 0) steps.push({ kind: 'same', from: --x, to: --y })
    if (distance === 0) break
    steps.push(before > diagonal ? { kind: 'new', from: x, to: --y } : { kind: 'gone', from: --x, to: y })
  }
  return steps.toReversed()
}
