/** What went wrong, by a name that stays: programs compare it, people read the message. */
export type GuardErrorCode =
  | 'host-exposed'
  | 'host-unknown'
  | 'port-invalid'
  | 'option-invalid'
  | 'option-unknown'
  | 'file-unreadable'
  | 'server-unknown'
  | 'server-guarded-already'
  | 'runtime-unknown'

/** Thrown while a guard is set up, never while a request is decided. */
export class GuardError extends Error {
  override readonly name = 'GuardError'
  readonly code: GuardErrorCode

  constructor(code: GuardErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
