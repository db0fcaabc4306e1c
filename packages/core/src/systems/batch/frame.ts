import type { Passage } from '../passage.ts'
import type { Scope } from '../powershell/scope.ts'
import type { Line, Script } from './syntax.ts'
import type { Names } from './values.ts'

/** One file, or one text for cmd.exe, while it is gone through. */
export interface Frame extends Omit<Names, 'before'> {
  readonly lines: Script
  readonly passage: Passage
  /** What `endlocal` goes back to. */
  readonly locals: Scope[]
  /** The states in which `goto` leads to each label. */
  readonly jumps: Map<string, Scope>
  /** What a `goto` that leads upwards was seen to do to a label that had been passed. */
  readonly upwards: { found: boolean }
  /** Files that a loop reads line by line. */
  readonly reads: readonly string[]
  /** Of the loops around. */
  readonly rounds: number
}

/** Takes back what was set since so many calls of `setlocal`, and the directory. */
export function unwind({ locals, scope }: Frame, depth: number): void {
  const outer = locals[Math.max(depth, 0)]
  if (outer === undefined) return
  locals.length = Math.max(depth, 0)
  const { ended } = scope
  scope.become(outer)
  scope.ended = ended
}

/** `goto`, from this line: what is set is set where it leads to. */
export function jump(names: readonly string[], { scope, lines, jumps, upwards }: Frame, index: number): void {
  for (const name of names) {
    const at = lines.labels.get(name)
    if (at === undefined) continue
    if (at <= index) upwards.found = true
    const before = jumps.get(name)
    const joined = scope.copy()
    if (before !== undefined) joined.join(undefined, before, scope.copy())
    joined.ended = false
    jumps.set(name, joined)
  }
  scope.ended = true
}

/** A label is come to: from above, and from where `goto` leads to it. */
export function arrive(name: string, { jumps, scope }: Frame): void {
  const jumped = jumps.get(name)
  if (jumped === undefined) return
  if (scope.ended) scope.become(jumped.copy())
  else scope.join(undefined, jumped, scope.copy())
  scope.ended = false
}

/** The next line with a label that a `goto` leads to; behind the last where there is none. */
export function nextJump({ jumps, lines: { labels, lines } }: Frame, from: number): number {
  let next = lines.length
  for (const name of jumps.keys()) {
    const at = labels.get(name) ?? -1
    if (at >= from && at < next) next = at
  }
  return next
}

/** Whether a part of the line may change what another part of it would put in. */
export function isCompound({ items }: Line): boolean {
  return items.length > 1 || items.some(({ node }) => node.kind !== 'command' && node.kind !== 'label')
}
