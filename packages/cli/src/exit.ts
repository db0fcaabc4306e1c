/** Exit codes of every command. */
export const EXIT = {
  clean: 0,
  /** Findings at or above --fail-on. */
  findings: 1,
  /** The command could not run: wrong words, a policy with mistakes, nothing to look at. */
  failed: 2,
  /** Nothing worse than an undecided verdict that matters. */
  undecided: 3,
} as const
