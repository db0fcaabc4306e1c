import type { PortRange } from '../evidence/index.ts'
import type { Problem } from './diagnostic.ts'
import { found } from './found.ts'

export const PORT_TEXT = /^[0-9]{1,5}(?:-[0-9]{1,5})?$/

/** `3000`, `"3000"` or `"8000-8010"` (both ends included) → the range. */
export function readPorts(value: unknown): PortRange | Problem {
  const hint = 'write a port from 1 to 65535 (`port: 3000`) or a range (`port: 8000-8010`)'
  if (typeof value !== 'number' && !(typeof value === 'string' && PORT_TEXT.test(value))) {
    return { code: 'invalid-port', message: `${found(value)} is not a port`, hint }
  }
  const parts = typeof value === 'number' ? [value] : value.split('-').map(Number)
  for (const part of parts) {
    if (Number.isInteger(part) && part >= 1 && part <= 65535) continue
    return { code: 'invalid-port', message: `${found(part)} is not a port: ports go from 1 to 65535`, hint }
  }
  const [first = 0, last = first] = parts
  if (last >= first) return { first, last }
  return { code: 'invalid-port', message: `the range ${first}-${last} runs backwards`, hint: `write ${last}-${first}` }
}

/** Ascending and disjoint, neighbours joined; and the first range that another already covers in part. */
export function joinPorts(ranges: readonly PortRange[]): {
  readonly ports: readonly PortRange[]
  readonly repeated: PortRange | undefined
} {
  const ports: { first: number; last: number }[] = []
  let repeated: PortRange | undefined
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const previous = ports.at(-1)
    if (previous === undefined || range.first > previous.last + 1) {
      ports.push({ ...range })
      continue
    }
    if (range.first <= previous.last) repeated ??= range
    previous.last = Math.max(previous.last, range.last)
  }
  return { ports, repeated }
}

/** `3000`, or `8000-8010` with both ends included. */
export function formatPorts({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`
}
