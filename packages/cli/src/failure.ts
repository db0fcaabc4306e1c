/** The command could not do what was asked. The message is for people: what and where, then what to do next. */
export class Failure extends Error {
  readonly next: string

  constructor(message: string, next: string) {
    super(message)
    this.name = 'Failure'
    this.next = next
  }
}
