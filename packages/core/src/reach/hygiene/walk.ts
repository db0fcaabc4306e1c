import type { Action, Branch, Chain, Hook, Rule, Table } from '../../evidence/index.ts'
import type { Family } from '../../network/index.ts'
import type { AttachedChain } from '../netfilter/program.ts'
import { type Box, touches, within, without } from './box.ts'
import { Cover, type Scope } from './cover.ts'
import type { Changes } from './dimensions.ts'
import { type Effect, effectOf } from './effects.ts'
import { isUsers } from './owners.ts'
import { isExact, type Region, Space } from './space.ts'

export interface Hider {
  readonly rule: Rule
  readonly effect: Effect | undefined
}

/** What is known of one rule by all that was walked so far. */
export interface Judged {
  readonly table: Table
  readonly hook: Hook
  /** A packet may meet it. */
  alive: boolean
  /** Who hides it, where it is hidden. */
  readonly by: Map<Rule, Hider>
  /** What hides it asks for the same packets, no more. */
  same: boolean
}

/** As deep as nftables allows jumps (NFT_JUMP_STACK_SIZE). */
const DEEPEST = 16
/** Chains are walked once for every rule that calls them: so many rules in all. */
const MOST_VISITS = 400_000
/** A rule may hide behind so many others, and is then hidden by the many. */
const MOST_HIDERS = 64

/** What leaves a scope is kept in so many boxes; where there are more, what is taken is known within the scope alone. */
const MOST_ESCAPED = 256

function scopeIn(outer: Scope | undefined): Scope {
  return { open: true, outer, escaped: [] }
}

interface Place {
  readonly table: Table
  readonly chain: Chain
  readonly hook: Hook
  /** What is accepted meets no further rule of the base chain. */
  readonly base: Scope
  /** What is refused meets no further rule at all. */
  readonly all: Scope
  /** What returns meets no further rule of this chain, this time. */
  readonly own: Scope
  readonly depth: number
}

/** Sends all packets of one family through the base chains of one hook, and keeps which rules are left any. */
export class HookWalk {
  readonly space: Space
  readonly #judged: Map<Rule, Judged>
  readonly #hiders = new Map<Rule, Map<Effect, Hider>>()
  #cover: Cover<Hider> = new Cover([])
  #visits = 0

  constructor(family: Family, changes: Changes, judged: Map<Rule, Judged>) {
    this.space = new Space(family, changes)
    this.#judged = judged
  }

  /** After the conditions of all their rules have been taken into the space. False: not walked to its end. */
  run(chains: readonly AttachedChain[]): boolean {
    this.space.seal()
    this.#cover = new Cover(this.space.full)
    const all = scopeIn(undefined)
    for (const { table, chain, base } of chains) {
      const scope = scopeIn(all)
      // After the last one nobody asks what was dropped and what was accepted.
      const isLast = chain === chains.at(-1)?.chain
      this.#chain({ table, chain, hook: base.hook, base: scope, all: isLast ? scope : all, own: scope, depth: 0 }, this.space.everything)
      scope.open = false
      this.#cover.forget()
    }
    return this.#visits <= MOST_VISITS
  }

  #chain(place: Place, entering: Region): void {
    for (const rule of place.chain.rules) {
      if (++this.#visits > MOST_VISITS) return
      this.#rule(rule, place, entering)
    }
  }

  #rule(rule: Rule, place: Place, entering: Region): void {
    let region = entering
    let isOpaque = false
    let judged = false
    const isHidden = (over: readonly Box[]): boolean => {
      if (judged) return false
      judged = true
      return this.#judge(rule, place, over, isOpaque)
    }
    for (const expression of rule.expressions) {
      if (expression.kind === 'match') {
        const asked = this.space.regionOf(expression.when)
        isOpaque ||= !isExact(asked) && this.space.isOpaque(expression.when)
        region = this.space.both(region, asked)
        if (region.over.length === 0) return
      } else if (expression.kind === 'branch') return this.#branch(rule, expression, place, region, isHidden)
      else if (expression.kind !== 'no-effect' && (isHidden(region.over) || this.#act(rule, expression, place, region))) return
    }
    isHidden(region.over)
  }

  #branch(rule: Rule, { branches }: Branch, place: Place, region: Region, isHidden: (over: readonly Box[]) => boolean): void {
    const parts = branches.map(({ when, then }) => ({
      then,
      region: this.space.both(region, this.space.regionOf(when)),
      isOpaque: this.space.isOpaque(when),
    }))
    const over = parts.flatMap((part) => part.region.over)
    // Of what is not known nothing can be hidden.
    if (isHidden(parts.some((part) => part.isOpaque) ? region.over : over)) return
    for (const { then, region: own } of parts)
      if (own.over.length > 0) for (const action of then) if (this.#act(rule, action, place, own)) break
  }

  /** Whether the packets meet nothing further of the rule. */
  #act(rule: Rule, action: Action, place: Place, region: Region): boolean {
    switch (action.kind) {
      case 'accept':
      case 'dnat':
      case 'snat':
      case 'masquerade':
      case 'redirect':
        this.#take(rule, action, region, place.base, place)
        return true
      case 'drop':
      case 'reject':
        this.#take(rule, action, region, place.all, place)
        return true
      case 'return':
        this.#take(rule, action, region, place.own, place)
        return true
      case 'goto':
        this.#call(action.chain, place, region)
        this.#take(rule, action, region, place.own, place)
        return true
      case 'jump':
        this.#call(action.chain, place, region)
        return false
      default:
        return false
    }
  }

  #take(rule: Rule, action: Action, { over, under }: Region, scope: Scope, { own, all }: Place): void {
    if (scope !== all && scope.escaped.length <= MOST_ESCAPED) scope.escaped.push(...over)
    if (under.length === 0) return
    const effect = effectOf(action) ?? 'change'
    const known = this.#hiders.get(rule) ?? new Map<Effect, Hider>()
    this.#hiders.set(rule, known)
    const hider = known.get(effect) ?? { rule, effect }
    known.set(effect, hider)
    for (const box of under) {
      const kept = this.#unescaped(box, own, scope)
      for (const one of kept ?? []) this.#cover.add(hider, one, scope)
      if (kept?.[0] !== box) this.#cover.add(hider, box, own)
    }
  }

  /** Without what has left an inner scope by an earlier rule, and so comes to the rules of the outer one although this rule would take it. `undefined`: cannot be told. */
  #unescaped(box: Box, from: Scope, to: Scope): readonly Box[] | undefined {
    let kept: readonly Box[] = [box]
    for (let scope: Scope | undefined = from; scope !== undefined && scope !== to; scope = scope.outer) {
      if (scope.escaped.length > MOST_ESCAPED) return undefined
      for (const escaped of scope.escaped)
        if (kept.some((one) => touches(one, escaped))) kept = kept.flatMap((one) => without(one, escaped, this.space.full))
      if (kept.length > MOST_ESCAPED) return undefined
    }
    return kept
  }

  #call(name: string, place: Place, region: Region): void {
    const chain = place.table.chains.get(name)
    if (chain === undefined || chain === place.chain || place.depth >= DEEPEST) return
    const own = scopeIn(place.own)
    this.#chain({ ...place, chain, own, depth: place.depth + 1 }, region)
    own.open = false
    this.#cover.forget()
  }

  /** Whether the rule is hidden here. Only of a person's rules, since the others are not told of. */
  #judge(rule: Rule, { table, chain, hook }: Place, over: readonly Box[], isOpaque: boolean): boolean {
    if (over.length === 0 || !isUsers(rule, table, chain.name)) return false
    const judged = this.#judged.get(rule) ?? { table, hook, alive: false, by: new Map<Rule, Hider>(), same: true }
    this.#judged.set(rule, judged)
    if (judged.alive) return false
    const hiders: Hider[] = []
    for (const box of over) {
      const hidden = isOpaque ? undefined : this.#cover.hides(box)
      if (hidden === undefined || hidden.length > MOST_HIDERS) {
        judged.alive = true
        return false
      }
      for (const { by } of hidden) hiders.push(by)
      const [first] = hidden
      judged.same &&= first !== undefined && hidden.length === 1 && within(first.box, box)
    }
    for (const hider of hiders) judged.by.set(hider.rule, hider)
    return true
  }
}
