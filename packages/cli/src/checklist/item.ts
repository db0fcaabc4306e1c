import type { RuleName } from '@sallyport/core/policy'
import type { FactName } from './facts.ts'
import type { Sight } from './sights.ts'

/** When an item is gone through. */
export const PHASES = ['before', 'after', 'continuous', 'incident'] as const
export type Phase = (typeof PHASES)[number]

export const PHASE_TITLES: Readonly<Record<Phase, string>> = {
  before: 'Before going live',
  after: 'After deployment',
  continuous: 'Continuous',
  incident: 'Incident',
}

/** How an item is answered. `sees`: what has to have been looked at for the answer to mean anything; without it the item is by hand. */
export type Answering =
  /** It passes where none of the rules has a finding. */
  | { readonly kind: 'rules'; readonly rules: readonly RuleName[]; readonly sees: readonly Sight[] }
  /** It is computed from the report. */
  | { readonly kind: 'fact'; readonly fact: FactName; readonly sees: readonly Sight[] }
  /** No program here can tell, or not yet: what to look at, and where. */
  | { readonly kind: 'by-hand'; readonly look: string }

/** One line of a checklist. */
export interface Item {
  /** `E1` with a word of its own: `E1.loopback`. Stays the same. */
  readonly id: string
  /** The line of the requirements that it comes from. */
  readonly requirement: string
  readonly phase: Phase
  /** In the owners' words. */
  readonly text: string
  readonly answer: Answering
  /** What answers it, or helps to. */
  readonly command: string
  /**
   * What the title of the test that proves it says behind its numbers, of which the item's is one; `E5 · …` where it is another line's. Left
   * out where only a person can tell.
   */
  readonly test?: string
}

type Line = readonly [id: string, phase: Phase, text: string]

/** Passes where none of the rules has a finding. */
export function byRules(line: Line, rules: readonly RuleName[], sees: readonly Sight[], test: string, command = 'sallyport check'): Item {
  return made(line, { kind: 'rules', rules, sees }, command, test)
}

export function byFact(line: Line, fact: FactName, sees: readonly Sight[], test: string, command = 'sallyport check'): Item {
  return made(line, { kind: 'fact', fact, sees }, command, test)
}

/** `test`: where a command of ours does a part of it. */
export function byHand(line: Line, look: string, command: string, test?: string): Item {
  return made(line, { kind: 'by-hand', look }, command, test)
}

function made([id, phase, text]: Line, answer: Answering, command: string, test: string | undefined): Item {
  return { id, requirement: id.replace(/\..*/, ''), phase, text, answer, command, ...(test === undefined ? {} : { test }) }
}
