import type { Written } from './write.ts'

/** What a policy says and the system that is written for cannot do; both texts are for people. */
export class Unwritable extends Error {
  readonly next: string

  constructor(why: string, next: string) {
    super(why)
    this.next = next
  }
}

/** What was written, or why nothing can be. */
export function orRefused(write: () => Written): Written {
  try {
    return write()
  } catch (error) {
    if (error instanceof Unwritable) return { kind: 'refused', why: error.message, next: error.next }
    throw error
  }
}
