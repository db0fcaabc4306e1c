/** Something that the client did wrong, in words that are fit for it. Everything else that is thrown is told to nobody outside. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem'
  readonly status: 400 | 413 | 415
  /** The part of the body that is wrong, as `items.0.price`; absent where it is the whole. */
  readonly field: string | undefined

  constructor(status: 400 | 413 | 415, message: string, field?: string) {
    super(message)
    this.status = status
    this.field = field
  }
}
