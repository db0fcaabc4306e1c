import { type Left, make, type Offer, draftOf, type Repair } from './repairs.ts'
import type { Files } from '../collect/snapshot.ts'
import { type Looked, problemOf } from './verify.ts'

/** What is offered, each upon those before it, and what is not. */
export interface Plan {
  readonly offers: readonly Offer[]
  readonly left: readonly Left[]
}

/** Looks at the folder as it would be with these texts. */
export type Look = (instead: ReadonlyMap<string, string>) => Promise<Looked>

/** The edits of all repairs that hold together, verified: with them the findings are gone, and none is new. */
export async function planRepairs(repairs: readonly Repair[], before: Looked, files: Files, look: Look): Promise<Plan> {
  const all = await tried(repairs, files)
  if (all.offers.length === 0 || (await problemWith(all.offers, before, look)) === undefined) return all
  // One of them is not what it is to be, and the others are not to suffer from it.
  const offers: Offer[] = []
  const left: Left[] = []
  for (const repair of repairs) {
    const made = await make(repair, offers.at(-1)?.after ?? draftOf(files))
    const why = made.kind === 'refused' ? made.why : await problemWith([...offers, made.offer], before, look)
    if (made.kind === 'made' && why === undefined) offers.push(made.offer)
    else left.push(...repair.findings.map((finding) => ({ finding, why: why ?? '' })))
  }
  return { offers, left }
}

async function tried(repairs: readonly Repair[], files: Files): Promise<Plan> {
  const offers: Offer[] = []
  const left: Left[] = []
  for (const repair of repairs) {
    const made = await make(repair, offers.at(-1)?.after ?? draftOf(files))
    if (made.kind === 'made') offers.push(made.offer)
    else left.push(...repair.findings.map((finding) => ({ finding, why: made.why })))
  }
  return { offers, left }
}

async function problemWith(offers: readonly Offer[], before: Looked, look: Look): Promise<string | undefined> {
  const changed = offers.at(-1)?.after.changed ?? new Map<string, string>()
  if (changed.size === 0) return 'nothing that is written would be otherwise'
  return problemOf(
    before,
    await look(changed),
    offers.map(({ repair }) => repair),
    new Set(changed.keys()),
  )
}
