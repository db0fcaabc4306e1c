import type { Change, Origin, Shown } from '../evidence/index.ts'
import type { RuleId } from './catalogue.ts'

/** Worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

/** A place that a person would look at: the cause first. */
export interface Place {
  /** What is there, in a few words: `binds every interface`, `published here`. */
  readonly role: string
  readonly origin: Origin
}

/** A disagreement between policy and reach, or a weakness. Data only: the words for people are the catalogue's and the report's. */
export interface Finding {
  readonly rule: RuleId
  readonly severity: Severity
  /** The row of the report that it belongs to; absent for what concerns no one service. */
  readonly service?: string
  /** What it is about among others of its rule and service, where the rule judges endpoints: `tcp 7002`. */
  readonly endpoint?: string
  /** One sentence that names what and where. */
  readonly message: string
  /** The cause first. */
  readonly places: readonly Place[]
  /** Why it matters, where that of its rule speaks of something else. */
  readonly why?: string
  /** What to do, as one step or command. */
  readonly fix: string
  /** What of its files would have to be otherwise, all of it together, for it to be gone. Empty: that is no matter of a file, or none that can be told. */
  readonly changes: readonly Change[]
  /** Further facts that make the finding believable: the path, the values that led here. */
  readonly facts: readonly Shown[]
  /** Stays the same when lines move: what `accept` entries and SARIF baselines go by. */
  readonly fingerprint: string
}
