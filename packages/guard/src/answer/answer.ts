import type { OutgoingHttpHeader } from 'node:http'
import { CORS_HEADERS } from './cors.ts'
import type { AnswerHeader } from './headers.ts'

/** What a response gets beside what the application says. */
export interface Answer {
  readonly headers: readonly AnswerHeader[]
  readonly cors: readonly (readonly [string, string])[]
  /** What it depends on beside `Origin`. */
  readonly vary: 'Referer' | undefined
  /** All of it as lines of a head, for a response that says none of these itself. */
  readonly lines: string
  /** The names in those lines, in lower case, and those that no response may have. */
  readonly names: ReadonlySet<string>
}

/** Frameworks tell of themselves by this, to nobody's use. */
export const POWERED_BY = 'x-powered-by'

export function answerOf(headers: readonly AnswerHeader[], cors: Answer['cors'] = [], vary?: 'Referer'): Answer {
  const all = [...headers.map(({ name, value }) => [name, value] as const), ...cors, ['Vary', varied(undefined, vary)] as const]
  return {
    headers,
    cors,
    vary,
    lines: all.map(([name, value]) => `${name}: ${value}\r\n`).join(''),
    names: new Set(['vary', POWERED_BY, ...CORS_HEADERS, ...headers.map(({ lower }) => lower)]),
  }
}

/** Which answer it is depends on who asks: a cache must not give one page's to another. `said`: the application's own `Vary`. */
export function varied(said: OutgoingHttpHeader | undefined, vary: Answer['vary']): string {
  const text = Array.isArray(said) ? said.join(', ') : String(said ?? '')
  const names = new Set(text.toLowerCase().split(/[\s,]+/))
  const missing = names.has('*') ? [] : ['Origin', ...(vary === undefined ? [] : [vary])].filter((name) => !names.has(name.toLowerCase()))
  return [...(text === '' ? [] : [text]), ...missing].join(', ')
}
