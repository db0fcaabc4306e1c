import { type Origin, show } from '../evidence/index.ts'
import { eachOnce } from './cures/changes.ts'
import type { Finding, Place } from './finding.ts'

/** In UTF-16 code units. */
const FINGERPRINT_LENGTH = 600

/** Ports are replaced among them: one expression for all, because making one takes longer than using it. */
const NUMBERS = /\b\d+\b/g

/** A message names so many of the further endpoints; the facts name all. */
const MOST_NAMED = 8

/**
 * One finding in place of those that differ in their endpoint alone: fifty sockets of one program are one thing to look at, and one to
 * cure. Nothing is lost: places and facts of all are there.
 */
export function alikeAsOne(findings: readonly Finding[]): readonly Finding[] {
  const groups = new Map<string, [Finding, ...Finding[]]>()
  for (const finding of findings) {
    const key = finding.endpoint === undefined ? `${groups.size}` : kindOf(finding, finding.endpoint)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [finding])
    else group.push(finding)
  }
  return [...groups.values()].map(asOne)
}

/** What is the same of findings that belong together: everything but the port. */
function kindOf({ rule, service, severity, message, fix }: Finding, endpoint: string): string {
  const port = endpoint.split(' ').at(-1) ?? ''
  return [rule, service ?? '', severity, message.replaceAll(NUMBERS, (number) => (number === port ? '#' : number)), fix].join('|')
}

function asOne(group: readonly [Finding, ...Finding[]]): Finding {
  const [first, ...others] = group
  if (others.length === 0) return first
  const endpoints = [...new Set(group.flatMap(({ endpoint }) => endpoint ?? []))]
  const further = endpoints.slice(1)
  const rest = further.length > MOST_NAMED ? ` and ${further.length - MOST_NAMED} more` : ''
  return {
    ...first,
    message: further.length === 0 ? first.message : `${first.message}; likewise ${further.slice(0, MOST_NAMED).join(', ')}${rest}`,
    changes: eachOnce(group.flatMap(({ changes }) => changes)),
    places: distinct(group.flatMap(({ places }) => places)),
    facts: [...new Set(group.flatMap(({ facts }) => facts))],
    // Another endpoint is news to whoever compares with an earlier run.
    fingerprint: show([first.rule, first.service ?? '', endpoints.toSorted().join(',')].join('|'), FINGERPRINT_LENGTH),
  }
}

/** The very same place is told once. What is said of a rule is read only where its number does not tell it from another: there are many. */
function distinct(places: readonly Place[]): readonly Place[] {
  const found = new Map<string, Place[]>()
  for (const place of places) {
    const key = `${place.role} ${whereOf(place.origin)}`
    const known = found.get(key)
    if (known === undefined) found.set(key, [place])
    else if (!known.some(({ origin }) => origin === place.origin || wordsOf(origin) === wordsOf(place.origin))) known.push(place)
  }
  return [...found.values()].flat()
}

function whereOf(origin: Origin): string {
  if (origin.kind === 'rule') return `${origin.tool} ${origin.table} ${origin.chain} ${origin.index}`
  return wordsOf(origin)
}

function wordsOf(origin: Origin): string {
  return origin.kind === 'file' ? `${origin.root ?? ''}${origin.path}:${origin.span.start.offset}` : JSON.stringify(origin)
}
