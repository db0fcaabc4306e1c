import {
  ABSENT,
  type Evidence,
  type FileOrigin,
  type Launch,
  resolveValue,
  type Setting,
  type Surroundings,
  type Value,
} from '../../evidence/index.ts'
import { sourceTwins } from '../../systems/index.ts'
import { bindsOf, type StartFacts } from './facts.ts'
import { surroundingsOf } from './surroundings.ts'

/** Programs that start one another in turn are followed so far. */
const DEPTH = 4
/** Starts by other programs that are told, at most. */
const MOST = 1_000

interface Adopted {
  readonly launch: Evidence<Launch>
  /** The programs on the way to it: one that starts itself anew is told once. */
  readonly way: readonly Evidence<Launch>[]
}

/**
 * What a program starts is started as that program is: by the same manager, in the same directory, with its variables below those of its
 * own. What nothing is known to start in turn stays as its code has it.
 */
export function withChildren(facts: StartFacts): StartFacts {
  const children = facts.launches.filter((launch) => launch.claim.startedBy !== undefined)
  if (children.length === 0) return facts
  const found: Adopted[] = facts.launches.filter((launch) => launch.claim.startedBy === undefined).map((launch) => ({ launch, way: [] }))
  /** Those that start others, and those that are started. */
  const adopted = new Set<Evidence<Launch>>()
  let parents: readonly Adopted[] = found.slice()
  for (let depth = 0; depth < DEPTH && parents.length > 0 && found.length < facts.launches.length + MOST; depth++) {
    const next = children.flatMap((child): readonly Adopted[] =>
      parents
        .filter(({ launch, way }) => !way.includes(child) && leadsTo(launch, child))
        .map(({ launch, way }) => {
          adopted.add(child).add(launch)
          return { launch: adopt(child, launch, surroundingsOf(facts, launch)), way: [...way, child] }
        }),
    )
    found.push(...next.slice(0, MOST))
    parents = next.slice(0, MOST)
  }
  const orphans = children.filter((child) => !adopted.has(child)).map(alone)
  // A program that itself listens nowhere is told by those that it starts.
  const told = found.flatMap(({ launch }) =>
    adopted.has(launch) && launch.claim.serves === undefined && bindsOf(facts, launch).length === 0 ? [] : [launch],
  )
  return { ...facts, launches: [...told, ...orphans] }
}

function leadsTo({ claim }: Evidence<Launch>, child: Evidence<Launch>): boolean {
  const { entry, serves } = claim
  const entries = child.claim.startedBy?.entries ?? []
  return entry !== undefined && serves === undefined && [entry, ...sourceTwins(entry)].some((path) => entries.includes(path))
}

function adopt(child: Evidence<Launch>, parent: Evidence<Launch>, around: Surroundings): Evidence<Launch> {
  const { startedBy, unseenEnvironment, ...own } = child.claim
  const takes = new Set(startedBy?.takes)
  const { by, name, instances, environmentName, workingDirectory, entry } = parent.claim
  const managedAt = parent.claim.managedAt ?? (parent.origin.kind === 'file' ? parent.origin : undefined)
  const settle = (settings: ReadonlyMap<string, Setting>): readonly (readonly [string, Setting])[] =>
    [...settings].map(([key, setting]) => [key, { ...setting, value: settled(setting.value, around, setting.origin) }] as const)
  const unseen = unseenEnvironment ?? (takes.has('environment') ? around.unseen : undefined)
  const file = own.entry ?? (takes.has('entry') ? entry : undefined)
  const directory = own.workingDirectory ?? workingDirectory
  const given = new Map([...(takes.has('arguments') ? around.arguments : []), ...settle(own.arguments ?? new Map())])
  return {
    ...child,
    ...(parent.environment === undefined ? {} : { environment: parent.environment }),
    claim: {
      ...own,
      by,
      name,
      instances,
      ...(managedAt === undefined ? {} : { managedAt }),
      ...(environmentName === undefined ? {} : { environmentName }),
      ...(directory === undefined ? {} : { workingDirectory: directory }),
      ...(file === undefined ? {} : { entry: file }),
      environment: new Map([...(takes.has('environment') ? around.environment : []), ...settle(own.environment)]),
      ...(given.size === 0 ? {} : { arguments: given }),
      ...(unseen === undefined ? {} : { unseenEnvironment: unseen }),
    },
  }
}

/** It keeps saying what starts it: of several ways, one that nothing is known to go is the last. */
function alone(child: Evidence<Launch>): Evidence<Launch> {
  const { startedBy } = child.claim
  const [entry] = startedBy?.takes.includes('entry') === true ? startedBy.entries : []
  return entry === undefined ? child : { ...child, claim: { ...child.claim, entry } }
}

/** What a variable of the other program is, which the program that starts it works out from its own. */
function settled(value: Value, around: Surroundings, origin: FileOrigin): Value {
  if (value.kind === 'known' || value.kind === 'absent' || value.kind === 'unknown') return value
  const options = resolveValue(value, around).map((found): Value => {
    if (found.kind === 'unknown') return found
    if (found.kind === 'known') return { kind: 'known', value: found.value, origin: found.origin ?? origin }
    return found.unset === undefined ? ABSENT : { kind: 'environment', name: found.unset, fallback: ABSENT, emptyIsUnset: false, origin }
  })
  const [only = ABSENT] = options
  return options.length === 1 ? only : { kind: 'choice', options, origin }
}
