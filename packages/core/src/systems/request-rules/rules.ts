import {
  type AddressRule,
  type EarlyStep,
  type FileOrigin,
  type Handling,
  type ProxyAction,
  type ProxyGuard,
  type ProxyRoute,
  type SetHeader,
  show,
  type Shown,
} from '../../evidence/index.ts'
import { type Condition, reduce, type RequestClass, sourcesOf } from './condition.ts'

/** One step of what a proxy does with a request, taken in order where its condition holds. */
export type Rule = RuleParts &
  (
    | { readonly does: 'guard'; readonly guard: ProxyGuard }
    /** The request ends here, with an answer that says no. */
    | { readonly does: 'refuse'; readonly status: number }
    /** The request ends here. */
    | { readonly does: 'end'; readonly action: ProxyAction; readonly headers: readonly SetHeader[] }
    /** The path changes: tests of it that follow are no longer those of the path that came. */
    | { readonly does: 'rewrite'; readonly what: string }
    /** What of a block does not end the request leaves it to the rules behind the block. Of blocks with the same group one is entered. */
    | { readonly does: 'block'; readonly rules: readonly Rule[]; readonly group?: string }
    /** Rules of access, of which the first that holds decides: `accept` leaves the block. */
    | { readonly does: 'access'; readonly rules: readonly Rule[] }
    | { readonly does: 'accept' }
  )

interface RuleParts {
  readonly when: Condition
  /** The condition in the words of the configuration. */
  readonly words: string
  readonly origin: FileOrigin
}

export type RouteHandling = Handling & { readonly nested: readonly ProxyRoute[] }

/** What becomes of the requests of a class; `rest`: of those that no rule ends. */
export function handle(rules: readonly Rule[], requests: RequestClass, rest: ProxyAction): RouteHandling {
  const walk = new Walk(requests)
  const end = walk.take(rules)
  return walk.handling(end ?? { action: rest, headers: [] })
}

interface End {
  readonly action: ProxyAction
  readonly headers: readonly SetHeader[]
}

/** One way through the rules. */
class Walk {
  readonly #requests: RequestClass
  readonly #guards: ProxyGuard[]
  readonly #early: EarlyStep[] = []
  readonly #nested: ProxyRoute[] = []
  /** Groups of which a block was entered for certain. */
  readonly #entered = new Set<string>()

  constructor(requests: RequestClass, guards: readonly ProxyGuard[] = []) {
    this.#requests = requests
    this.#guards = [...guards]
  }

  handling({ action, headers }: End): RouteHandling {
    return { early: this.#early, guards: this.#guards, satisfy: 'all', action, redirects: [], headers, nested: this.#nested }
  }

  /** `undefined`: none of the rules ends every request. */
  take(rules: readonly Rule[]): End | undefined {
    for (const rule of rules) {
      const when = reduce(rule.when, this.#requests)
      if (when.kind === 'constant' && !when.holds) continue
      const end = when.kind === 'constant' ? this.#always(rule) : this.#perhaps(rule, when)
      if (end !== undefined) return end
    }
    return undefined
  }

  #always(rule: Rule): End | undefined {
    switch (rule.does) {
      case 'guard':
        this.#guards.push(rule.guard)
        return undefined
      case 'refuse':
        return { action: { kind: 'return', status: rule.status, origin: rule.origin }, headers: [] }
      case 'end':
        return rule
      case 'rewrite':
        this.#rewritten(rule.what, rule.origin)
        return undefined
      case 'block':
        if (rule.group !== undefined) {
          if (this.#entered.has(rule.group)) return undefined
          this.#entered.add(rule.group)
        }
        return this.take(rule.rules)
      case 'access':
        return this.#access(rule.rules)
      case 'accept':
        return undefined
      default:
        return rule satisfies never
    }
  }

  #perhaps(rule: Rule, when: Condition): End | undefined {
    switch (rule.does) {
      case 'guard':
        this.#guards.push(unknownGuard(rule))
        return undefined
      case 'refuse':
        this.#guards.push(refusal(rule, when, []))
        return undefined
      case 'end':
        this.#aside(rule, when, [rule])
        return undefined
      case 'rewrite':
        this.#rewritten(rule.what, rule.origin)
        return undefined
      case 'block':
        if (rule.group === undefined || !this.#entered.has(rule.group)) this.#aside(rule, when, rule.rules)
        return undefined
      case 'access':
        this.#guards.push(unknownGuard(rule))
        return undefined
      case 'accept':
        return undefined
      default:
        return rule satisfies never
    }
  }

  /** For some of the requests: a route of its own, that nothing here tells from the others. */
  #aside(rule: Rule, when: Condition, rules: readonly Rule[]): void {
    const inner = new Walk(this.#requests, [...this.#guards, ...onlyFor(rule, when)])
    const before = inner.#guards.length
    const end = inner.take(rules.map((each) => (each === rule ? { ...each, when: { kind: 'constant', holds: true } } : each)))
    if (end === undefined) {
      this.#nested.push(...inner.#nested)
      this.#early.push(...inner.#early)
      if (inner.#guards.length > before) this.#guards.push(unknownGuard(rule))
      return
    }
    const { origin } = rule
    this.#nested.push({ match: { kind: 'undecided', text: shownWords(rule) }, ...inner.handling(end), origin })
  }

  /** Each refusal with all that was accepted before it. */
  #access(rules: readonly Rule[]): End | undefined {
    const accepted: AddressRule[] = []
    let isOpen = false
    for (const rule of rules) {
      const when = reduce(rule.when, this.#requests)
      if (when.kind === 'constant' && !when.holds) continue
      const isCertain = when.kind === 'constant'
      if (rule.does === 'accept') {
        if (isCertain) return undefined
        const sources = sourcesOf(when)
        if (sources?.holdsFor === 'these') accepted.push(...addressRules('allow', sources.ranges, rule.origin))
        else isOpen = true
      } else if (rule.does === 'refuse') {
        if (isCertain && accepted.length === 0 && !isOpen) return this.#always(rule)
        this.#guards.push(isOpen ? unknownGuard(rule) : refusal(rule, when, accepted))
        if (isCertain) return undefined
      } else if (!isCertain || accepted.length > 0 || isOpen) {
        const end = this.#perhaps(rule, isCertain ? { kind: 'opaque' } : when)
        if (end !== undefined) return end
      } else {
        const end = this.#always(rule)
        if (end !== undefined) return end
      }
    }
    return undefined
  }

  #rewritten(what: string, origin: FileOrigin): void {
    this.#early.push({ condition: show(what), then: { kind: 'unknown', reason: 'the path that follows is another one' }, origin })
  }
}

const SHOWN = new WeakMap<Rule, Shown>()

/** A rule is looked at for each class of requests, and its words are made fit to be shown once. */
function shownWords(rule: Rule): Shown {
  const words = SHOWN.get(rule) ?? show(rule.words)
  SHOWN.set(rule, words)
  return words
}

function unknownGuard(rule: Rule): ProxyGuard {
  return { guard: 'unknown', what: shownWords(rule), origin: rule.origin }
}

/** What a refusal under a condition leaves through. */
function refusal(rule: Rule, when: Condition, accepted: readonly AddressRule[]): ProxyGuard {
  const { origin } = rule
  if (when.kind === 'constant') return { guard: 'addresses', rules: [...accepted, { action: 'deny', from: 'all', origin }], origin }
  if (when.kind === 'not' && when.of.kind === 'signed-in' && accepted.length === 0) return { guard: 'basic-auth', origin }
  const sources = sourcesOf(when)
  if (sources === undefined) return unknownGuard(rule)
  const own: readonly AddressRule[] =
    sources.holdsFor === 'these'
      ? addressRules('deny', sources.ranges, origin)
      : [...addressRules('allow', sources.ranges, origin), { action: 'deny', from: 'all', origin }]
  return { guard: 'addresses', rules: [...accepted, ...own], origin }
}

/** A block that is for some addresses only keeps all others out. */
function onlyFor({ origin }: Rule, when: Condition): readonly ProxyGuard[] {
  if (when.kind === 'signed-in') return [{ guard: 'basic-auth', origin }]
  const sources = sourcesOf(when)
  if (sources === undefined) return []
  const rules: readonly AddressRule[] =
    sources.holdsFor === 'these'
      ? [...addressRules('allow', sources.ranges, origin), { action: 'deny', from: 'all', origin }]
      : addressRules('deny', sources.ranges, origin)
  return [{ guard: 'addresses', rules, origin }]
}

function addressRules(action: 'allow' | 'deny', ranges: readonly AddressRule['from'][], origin: FileOrigin): readonly AddressRule[] {
  return ranges.map((from) => ({ action, from, origin }))
}
