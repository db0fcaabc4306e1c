/** Something that somebody tried and was kept from, or was kept out for. */
export interface SecurityEvent {
  /** Milliseconds since 1970; `undefined` where the line does not say. */
  readonly time: number | undefined
  /** Whose log tells it. */
  readonly from: string
  /** Who tried. `undefined`: the line does not say. */
  readonly address: string | undefined
  /** What was tried, and why not; as the log has it, not yet fit to be shown. */
  readonly what: string
}

/** Reads one line of one kind of log. `now`: milliseconds since 1970, for logs whose times have no year. `undefined`: no event. */
export type LineReader = (line: string, now: number) => SecurityEvent | undefined
