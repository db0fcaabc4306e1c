import type { Condition, RuleOrigin, Shown } from '../../evidence/index.ts'
import { show } from '../../evidence/index.ts'
import {
  formatAddressSet,
  formatPortSet,
  intersectSources,
  NO_SOURCES,
  type SourceSet,
  subtractSources,
  unionOfSources,
  unionSources,
} from '../../network/index.ts'
import { Doubts } from './doubts.ts'
import { type Flow, steps } from './flow.ts'
import type { Outcome, Reason, Verdict } from './types.ts'

/** The most outcomes with one verdict and destination that are told apart by their trails. */
const MOST_TRAILS = 32

/** Jumps that one walk follows: where every chain calls the next one several times, their number grows with the power of the depth. */
const MOST_JUMPS = 20_000

/** Packets end here one rule after the other: their sets are put together when all of them are there. */
class Ending {
  readonly verdict: Verdict
  readonly #flows: Flow[] = []
  /** Of those that are told with the last of the flows. */
  readonly #further: SourceSet[] = []
  #possible: SourceSet | undefined

  constructor(verdict: Verdict) {
    this.verdict = verdict
  }

  add(flow: Flow): void {
    this.#possible = undefined
    if (this.#flows.length < MOST_TRAILS) this.#flows.push(flow)
    else this.#further.push(flow.possible)
  }

  /** Of all its flows. */
  get possible(): SourceSet {
    this.#possible ??= unionOfSources([...this.#flows.map(({ possible }) => possible), ...this.#further])
    return this.#possible
  }

  /** Each with a trail of its own. */
  flows(): readonly Flow[] {
    const last = this.#flows.at(-1)
    if (last === undefined || this.#further.length === 0) return this.#flows
    return [...this.#flows.slice(0, -1), { ...last, possible: unionOfSources([last.possible, ...this.#further]) }]
  }
}

/** Collects where packets may end. What may end in one way only, ends there surely. */
export class Outcomes {
  readonly #endings = new Map<string, Ending>()
  /** Ways that packets take only in circumstances that are not plain. */
  readonly #special = new Map<string, Ending>()
  readonly #doubts = new Doubts()
  #jumps = 0

  /** Counts a jump; `false` where there have been too many to follow another. */
  mayJump(): boolean {
    return ++this.#jumps <= MOST_JUMPS
  }

  add(verdict: Verdict, flow: Flow): void {
    const endings = flow.state.plain ? this.#endings : this.#special
    const key = endingKey(verdict, flow)
    const ending = endings.get(key) ?? new Ending(verdict)
    endings.set(key, ending)
    ending.add(flow)
  }

  undecided(flow: Flow, reason: Reason): void {
    this.uncertain(reason, flow.possible)
    this.add('undecided', flow)
  }

  uncertain(reason: Reason, sources: SourceSet): void {
    this.#doubts.add(reason, sources)
  }

  /** A rule's condition could not be decided for these sources. */
  doubt(origin: RuleOrigin, condition: Condition, sources: SourceSet): void {
    this.uncertain({ text: opaqueText(condition) ?? show('cannot be decided'), origin }, sources)
  }

  /** What became of `asked`, split into what is sure and what is not. A widened set may hold more than was asked. */
  finish(asked: SourceSet): readonly Outcome[] {
    return [
      ...[...this.#endings].flatMap(([key, ending]) => this.#plain(key, ending, asked)),
      ...[...this.#special].flatMap(([key, ending]) => this.#unusual(key, ending, asked)),
    ]
  }

  /** What can end in no other way, ends like this surely. Sources that took several ways to it are told with the first. */
  #plain(key: string, ending: Ending, asked: SourceSet): readonly Outcome[] {
    const others = possibleOf(this.#endings, key)
    // Who is let in has to fear everything else; who is kept out only what lets them in.
    const risk = possibleOf(this.#special, key, (verdict) => isOpen(ending.verdict) || isOpen(verdict))
    let left = asked
    return ending.flows().flatMap((flow) => {
      const possible = intersectSources(flow.possible, left)
      left = subtractSources(left, possible)
      const sure = ending.verdict === 'undecided' ? NO_SOURCES : subtractSources(possible, others)
      const maybe = subtractSources(possible, sure)
      return [
        ...(sure.length > 0 ? [outcome(ending.verdict, flow, 'sure', sure, [], this.#doubts.about(intersectSources(sure, risk)))] : []),
        ...(maybe.length > 0 ? [outcome(ending.verdict, flow, 'maybe', maybe, this.#doubts.about(maybe), [])] : []),
      ]
    })
  }

  /**
   * What gets through in special circumstances only; what does so for plain packets too has been told. That packets can also be kept
   * out by circumstances is told by what is assumed.
   */
  #unusual(key: string, ending: Ending, asked: SourceSet): readonly Outcome[] {
    if (!isOpen(ending.verdict)) return []
    let left = subtractSources(asked, this.#endings.get(key)?.possible ?? NO_SOURCES)
    return ending.flows().flatMap((flow) => {
      const possible = intersectSources(flow.possible, left)
      left = subtractSources(left, possible)
      return possible.length === 0 ? [] : [outcome(ending.verdict, flow, 'maybe', possible, this.#doubts.about(possible), [])]
    })
  }
}

/** Everything that may end otherwise. */
function possibleOf(endings: ReadonlyMap<string, Ending>, except: string, counts: (verdict: Verdict) => boolean = () => true): SourceSet {
  let all = NO_SOURCES
  for (const [key, { verdict, possible }] of endings) if (key !== except && counts(verdict)) all = unionSources(all, possible)
  return all
}

/** The packets may arrive. */
function isOpen(verdict: Verdict): boolean {
  return verdict !== 'dropped' && verdict !== 'rejected'
}

/** Packets of one family with the same key end alike. A packet that is kept out has no destination that matters. */
function endingKey(verdict: Verdict, { state }: Flow): string {
  if (verdict === 'dropped' || verdict === 'rejected') return verdict
  const { destination, port, outbound, gateway, elsewhere, sourceTranslation } = state
  const source =
    sourceTranslation?.kind === 'snat'
      ? `${sourceTranslation.addresses?.first.value}-${sourceTranslation.addresses?.last.value}`
      : (sourceTranslation?.device ?? '')
  const others = elsewhere === undefined ? '' : `${formatAddressSet(elsewhere.addresses).join()} ${formatPortSet(elsewhere.ports).join()}`
  return `${verdict} ${destination.value} ${port} ${outbound} ${gateway?.value ?? ''} ${source} ${others}`
}

function outcome(
  verdict: Verdict,
  flow: Flow,
  certainty: Outcome['certainty'],
  sources: SourceSet,
  reasons: readonly Reason[],
  assumes: readonly Reason[],
): Outcome {
  const { destination, port, outbound, gateway, elsewhere, sourceTranslation } = flow.state
  return {
    verdict,
    certainty,
    sources,
    destination: { address: destination, port },
    ...(verdict === 'forwarded' ? { device: outbound, ...(gateway === undefined ? {} : { gateway }) } : {}),
    ...(elsewhere === undefined ? {} : { elsewhere }),
    ...(sourceTranslation === undefined ? {} : { sourceTranslation }),
    trail: steps(flow.trail),
    reasons,
    assumes,
  }
}

/** The words of the part of a condition that cannot be decided. */
function opaqueText(condition: Condition): Shown | undefined {
  switch (condition.kind) {
    case 'unknown':
    case 'circumstance':
      return condition.text
    case 'not':
      return opaqueText(condition.of)
    case 'all':
    case 'any':
      for (const member of condition.of) {
        const text = opaqueText(member)
        if (text !== undefined) return text
      }
      return undefined
    default:
      return undefined
  }
}
