import { setTimeout as delay } from 'node:timers/promises'

/** What `look` finds, once it finds something. Rejects with `complaint` after eight seconds. */
export async function until<T>(complaint: string, look: () => readonly T[]): Promise<readonly T[]> {
  for (let tries = 0; tries < 400; tries++) {
    const found = look()
    if (found.length > 0) return found
    await delay(20)
  }
  throw new Error(complaint)
}
