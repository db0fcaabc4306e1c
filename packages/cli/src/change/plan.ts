import type { Draft } from '@sallyport/core/systems'
import { type Left, make, type Offer, draftOf, type Repair, without } from './repairs.ts'
import type { Files } from '../collect/snapshot.ts'
import { type Looked, type Problem, problemOf } from './verify.ts'

/** What is offered, each upon those before it, and what is not. */
export interface Plan {
  readonly offers: readonly Offer[]
  readonly left: readonly Left[]
}

/** Looks at the folder as it would be with these texts. */
export type Look = (instead: ReadonlyMap<string, string>) => Promise<Looked>

/** Each look is an audit of the whole folder: the last is kept, for when it is asked for again. */
export function keepingLast(look: Look): Look {
  let last: { readonly texts: string; readonly looked: Promise<Looked> } | undefined
  return (instead) => {
    const texts = JSON.stringify([...instead])
    if (last?.texts !== texts) last = { texts, looked: look(instead) }
    return last.looked
  }
}

/** The edits of all repairs that hold together, verified: with them the findings are gone, and none is new. */
export async function planRepairs(repairs: readonly Repair[], before: Looked, files: Files, look: Look): Promise<Plan> {
  const offers: Offer[] = []
  const left: Left[] = []
  // Where one is not what it is to be the others are not to suffer from it: halves are tried, and halves of them.
  const waiting: (readonly Repair[])[] = [repairs]
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const tried = await made(part, offers.at(-1)?.after ?? draftOf(files))
    const problem = tried.offers.length === 0 ? undefined : await problemWith([...offers, ...tried.offers], before, look)
    const [only, ...others] = part
    if (problem === undefined || only === undefined) {
      offers.push(...tried.offers)
      left.push(...tried.left)
    } else if (others.length > 0) waiting.push(part.slice(part.length >> 1), part.slice(0, part.length >> 1))
    else {
      const { why, still } = problem
      const rest = still === undefined ? undefined : without(only, still)
      left.push(...(rest === undefined ? only.findings : [still ?? only.findings[0]]).map((finding): Left => ({ finding, why })))
      if (rest !== undefined) waiting.push([rest])
    }
  }
  return { offers, left }
}

/** Each upon those before it. */
async function made(repairs: readonly Repair[], start: Draft): Promise<Plan> {
  const offers: Offer[] = []
  const left: Left[] = []
  for (const repair of repairs) {
    const one = await make(repair, offers.at(-1)?.after ?? start)
    const why = one.kind === 'made' ? one.offer.partly : one.why
    if (one.kind === 'made') offers.push(one.offer)
    if (why !== undefined) left.push(...repair.findings.map((finding) => ({ finding, why })))
  }
  return { offers, left }
}

async function problemWith(offers: readonly Offer[], before: Looked, look: Look): Promise<Problem | undefined> {
  const changed = offers.at(-1)?.after.changed ?? new Map<string, string>()
  if (changed.size === 0) return { why: 'nothing that is written would be otherwise' }
  return problemOf(before, await look(changed), offers, new Set(changed.keys()))
}
