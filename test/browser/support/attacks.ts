import { readFileSync } from 'node:fs'

export interface Attack {
  readonly name: string
  /** What reaches a server without a guard: methods, or `WEBSOCKET`. */
  readonly reaches: readonly string[]
  /** The code of the refusal. */
  readonly code: string
  /** The page, with `TARGET` and `PATH` in it. */
  readonly page: string
}

/** attacks.txt. */
export const ATTACKS: readonly Attack[] = readFileSync(new URL('../attacks.txt', import.meta.url), 'utf8')
  .split(/^=== /m)
  .slice(1)
  .map((text) => {
    const [name = '', reaches = '', code = '', ...page] = text.trim().split('\n')
    return { name, reaches: reaches.split(','), code, page: page.join('\n') }
  })
