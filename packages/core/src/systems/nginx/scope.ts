import { type Role, roleOf } from './directives.ts'
import type { Directive } from './parse.ts'

export type ScopeKind = 'main' | 'http' | 'stream' | 'other' | 'server' | 'location' | 'if' | 'limit_except'

/** A block with the blocks around it, for nginx's inheritance: what a level says of a directive replaces what the levels around it say, as a whole. */
export class Scope {
  readonly kind: ScopeKind
  readonly directives: readonly Directive[]
  readonly parent: Scope | undefined
  /** The directive whose block this is; `undefined` for a file. */
  readonly head: Directive | undefined
  readonly #byName = new Map<string, Directive[]>()
  /** Answers given before: a level with thousands of servers is asked by each of them. */
  readonly #merged = new Map<string, readonly Directive[]>()
  readonly #byRole = new Map<Role, readonly Directive[]>()

  constructor(kind: ScopeKind, directives: readonly Directive[], parent?: Scope, head?: Directive) {
    this.kind = kind
    this.directives = directives
    this.parent = parent
    this.head = head
    for (const directive of directives) {
      const known = this.#byName.get(directive.name)
      if (known === undefined) this.#byName.set(directive.name, [directive])
      else known.push(directive)
    }
  }

  child(kind: ScopeKind, head: Directive): Scope {
    return new Scope(kind, head.block ?? [], this, head)
  }

  /** At this level, in order. */
  own(...names: readonly string[]): readonly Directive[] {
    const only = names.filter((name) => this.has(name))
    if (only.length < 2) return this.#byName.get(only[0] ?? '') ?? []
    const key = only.join(' ')
    const merged = this.#merged.get(key) ?? this.directives.filter((directive) => only.includes(directive.name))
    this.#merged.set(key, merged)
    return merged
  }

  withRole(role: Role): readonly Directive[] {
    const found = this.#byRole.get(role) ?? this.directives.filter((directive) => roleOf(directive.name) === role)
    this.#byRole.set(role, found)
    return found
  }

  /** From the nearest level that has any of them: array directives (`allow` and `deny`, `proxy_set_header`, `limit_req` …). */
  nearest(...names: readonly string[]): readonly Directive[] {
    return names.some((name) => this.has(name)) ? this.own(...names) : (this.parent?.nearest(...names) ?? [])
  }

  /** The value that holds: the last one of the nearest level (nginx refuses a second one of most). */
  value(name: string): Directive | undefined {
    return this.nearest(name).at(-1)
  }

  /** A flag: `on`. */
  isOn(name: string): boolean {
    return this.value(name)?.words[0]?.text.toLowerCase() === 'on'
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }
}
