import type { Bind, ComposeService, Evidence, Launch } from '../../evidence/index.ts'

/** Launches of one service, and the lines of code that they start. */
export interface Group {
  readonly launches: Evidence<Launch>[]
  readonly binds: Set<Evidence<Bind>>
}

/** Groups of launches by what they have in common: lines of code, entries, packages. */
export class Groups {
  readonly #all = new Set<Group>()
  readonly #known = new Map<Evidence<Bind> | string, Set<Group>>()

  get all(): readonly Group[] {
    return [...this.#all]
  }

  has(what: Evidence<Bind>): boolean {
    return this.#known.has(what)
  }

  /** The group that a launch belongs to by what it has in common with others; a new one where there is none. */
  of(launch: Evidence<Launch>, keys: readonly (Evidence<Bind> | string)[]): Group {
    const candidates = new Set(keys.flatMap((key) => [...(this.#known.get(key) ?? [])]))
    const mayBeApart = APART.has(launch.claim.by)
    const fitting = [...candidates].filter((group) => !mayBeApart || group.launches.every((other) => !areApart(launch, other)))
    const group = fitting.find((one) => one.launches.some((other) => other.claim.name === launch.claim.name)) ??
      fitting[0] ?? { launches: [], binds: new Set() }
    this.#all.add(group)
    return group
  }

  remember(keys: readonly (Evidence<Bind> | string)[], group: Group): void {
    for (const key of keys) this.#known.set(key, (this.#known.get(key) ?? new Set()).add(group))
  }

  /** Takes into the group the others that have the same key, but for what is certainly apart. */
  join(group: Group, key: string): void {
    for (const other of this.#known.get(key) ?? []) {
      if (other === group || other.launches.some((one) => group.launches.some((two) => areApart(one, two)))) continue
      group.launches.push(...other.launches)
      for (const bind of other.binds) group.binds.add(bind)
      for (const holders of this.#known.values()) if (holders.delete(other)) holders.add(group)
      this.#all.delete(other)
    }
  }
}

const APART: ReadonlySet<Launch['by']> = new Set(['compose', 'docker-run', 'pm2', 'systemd', 'supervisor', 'procfile'])

/** What one manager starts under several names are several services, also of the same code; what compose has in several places is of several projects. */
function areApart(a: Evidence<Launch>, b: Evidence<Launch>): boolean {
  const { by, name } = a.claim
  if (by !== b.claim.by || !APART.has(by)) return false
  return name !== b.claim.name || (by === 'compose' && placeOf(a) !== placeOf(b))
}

/** A service of compose and what it starts are of one place, where its name is; so is what its programs start in turn. */
export function placeOf({ claim, origin }: Evidence): string {
  const at = claim.claim === 'launch' ? (claim.managedAt ?? origin) : origin
  return at.kind === 'file' ? `${at.path}:${at.span.start.offset}` : ''
}

/** The container that a launch runs in. */
export function describes(item: Evidence<ComposeService>, launch: Evidence<Launch>): boolean {
  const by = item.claim.project === '' ? 'docker-run' : 'compose'
  return launch.claim.by === by && launch.claim.name === item.claim.name && placeOf(item) === placeOf(launch)
}
